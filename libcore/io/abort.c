#include "model/base/panic.h"

#include <stdio.h>
#include <stdlib.h>

void sc_panic(const char *file, int line, const char *expression)
{
        fprintf(stderr, "serialcon: %s:%d: broken promise: %s\n", file, line, expression);
        abort();
}
