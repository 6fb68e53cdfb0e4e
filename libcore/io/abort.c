#include "io/abort.h"

#include "model/base/panic.h"

#include <stdio.h>
#include <stdlib.h>

void (*sc_abort_hook)(void);

void sc_panic(const char *file, int line, const char *expression)
{
        if (sc_abort_hook)
                sc_abort_hook();
        fprintf(stderr, "serialcon: %s:%d: broken promise: %s\n", file, line, expression);
        abort();
}
