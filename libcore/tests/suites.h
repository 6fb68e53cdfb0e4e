#ifndef SC_MODEL_SUITES_H
#define SC_MODEL_SUITES_H

#include <check.h>

Suite *frame_suite(void);
Suite *host_suite(void);
Suite *ring_suite(void);
Suite *times_suite(void);

#endif
