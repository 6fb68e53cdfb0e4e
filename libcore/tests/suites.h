#ifndef SC_MODEL_SUITES_H
#define SC_MODEL_SUITES_H

#include <check.h>

Suite *consumed_suite(void);
Suite *escape_suite(void);
Suite *frame_suite(void);
Suite *history_suite(void);
Suite *host_suite(void);
Suite *input_suite(void);
Suite *ring_suite(void);
Suite *times_suite(void);

#endif
