#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void sc_panic(const char *file, int line, const char *expression)
{
        fprintf(stderr, "%s:%d: broken: %s\n", file, line, expression);
        abort();
}
