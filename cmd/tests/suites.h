#ifndef SC_CMD_SUITES_H
#define SC_CMD_SUITES_H

#include <check.h>

Suite *asciicast_suite(void);
Suite *pace_suite(void);
Suite *trace_view_suite(void);
Suite *trace_walk_suite(void);
Suite *value_suite(void);
Suite *option_suite(void);
Suite *console_name_suite(void);
Suite *event_format_suite(void);
Suite *file_argument_suite(void);
Suite *log_text_suite(void);
Suite *nearest_suite(void);
Suite *report_suite(void);
Suite *time_format_suite(void);

#endif
