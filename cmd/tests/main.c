#include "suites.h"

#include "model/base/panic.h"

#include <stdlib.h>

_Noreturn void sc_panic(const char *file, int line, const char *expression)
{
        ck_abort_msg("%s:%d: broken: %s", file, line, expression);
        abort();
}

int main(void)
{
        SRunner *runner = srunner_create(value_suite());
        srunner_add_suite(runner, file_argument_suite());
        srunner_add_suite(runner, option_suite());
        srunner_add_suite(runner, nearest_suite());
        srunner_add_suite(runner, report_suite());
        srunner_add_suite(runner, log_text_suite());
        srunner_add_suite(runner, console_name_suite());
        srunner_add_suite(runner, time_format_suite());
        srunner_add_suite(runner, event_format_suite());
        srunner_add_suite(runner, asciicast_suite());
        srunner_add_suite(runner, pace_suite());
        srunner_add_suite(runner, trace_view_suite());
        srunner_add_suite(runner, trace_walk_suite());

        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
