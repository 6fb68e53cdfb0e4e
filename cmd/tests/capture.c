#include "capture.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int captured = -1;
static int standard_error = -1;

void capture_start(void)
{
        fflush(stderr);
        captured = memfd_create("captured", MFD_CLOEXEC);
        standard_error = dup(STDERR_FILENO);
        ck_assert_int_ge(captured, 0);
        ck_assert_int_ge(standard_error, 0);
        ck_assert_int_ge(dup2(captured, STDERR_FILENO), 0);
}

char *capture_end(void)
{
        fflush(stderr);
        ck_assert_int_ge(dup2(standard_error, STDERR_FILENO), 0);
        close(standard_error);

        off_t length = lseek(captured, 0, SEEK_END);
        ck_assert_int_ge(length, 0);
        char *text = calloc((size_t)length + 1, 1);
        ck_assert_ptr_nonnull(text);
        ck_assert_int_eq(pread(captured, text, (size_t)length, 0), length);
        close(captured);
        return text;
}
