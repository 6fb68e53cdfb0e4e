#ifndef SC_CAPTURE_H
#define SC_CAPTURE_H

/* Standard error into a file from here on, and what came since, with its NUL (the caller frees it). */
void capture_start(void);
char *capture_end(void);

#endif
