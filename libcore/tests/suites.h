#ifndef SC_MODEL_SUITES_H
#define SC_MODEL_SUITES_H

#include <check.h>

Suite *host_suite(void);

#endif
