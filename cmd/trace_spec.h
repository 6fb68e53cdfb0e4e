#ifndef SC_TRACE_SPEC_H
#define SC_TRACE_SPEC_H

#include "io/trace_file.h"
#include "value.h"

/* What --trace FILE[,max=SIZE][,keep=N][,input] asks for, as the file that is written. Points into `file`. */
struct sc_trace_file_config sc_trace_spec_of(const struct file_argument *file);

/* Of any file that is written beside the work: said once, when it cannot be. */
sc_file_writer_report sc_trace_spec_report;

#endif
