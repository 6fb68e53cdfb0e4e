#ifndef SC_MODEL_SUITES_H
#define SC_MODEL_SUITES_H

#include <check.h>

Suite *arrivals_suite(void);
Suite *attachment_suite(void);
Suite *boundary_suite(void);
Suite *consumed_suite(void);
Suite *cursor_suite(void);
Suite *escape_suite(void);
Suite *extent_suite(void);
Suite *frame_suite(void);
Suite *guest_side_suite(void);
Suite *history_suite(void);
Suite *host_suite(void);
Suite *input_suite(void);
Suite *journal_suite(void);
Suite *judge_suite(void);
Suite *line_end_suite(void);
Suite *line_suite(void);
Suite *log_lines_suite(void);
Suite *modes_suite(void);
Suite *observed_suite(void);
Suite *painted_suite(void);
Suite *patience_suite(void);
Suite *peer_suite(void);
Suite *printable_suite(void);
Suite *queries_suite(void);
Suite *record_suite(void);
Suite *ring_suite(void);
Suite *seat_suite(void);
Suite *session_suite(void);
Suite *status_suite(void);
Suite *times_suite(void);
Suite *trace_suite(void);
Suite *turn_suite(void);
Suite *typed_suite(void);
Suite *user_input_suite(void);
Suite *witness_suite(void);
Suite *writer_suite(void);

#endif
