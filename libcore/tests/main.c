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
        SRunner *runner = srunner_create(ring_suite());
        srunner_add_suite(runner, times_suite());
        srunner_add_suite(runner, history_suite());
        srunner_add_suite(runner, consumed_suite());
        srunner_add_suite(runner, boundary_suite());
        srunner_add_suite(runner, cursor_suite());
        srunner_add_suite(runner, input_suite());
        srunner_add_suite(runner, writer_suite());
        srunner_add_suite(runner, guest_side_suite());
        srunner_add_suite(runner, turn_suite());
        srunner_add_suite(runner, line_end_suite());
        srunner_add_suite(runner, log_lines_suite());
        srunner_add_suite(runner, frame_suite());
        srunner_add_suite(runner, peer_suite());
        srunner_add_suite(runner, status_suite());
        srunner_add_suite(runner, session_suite());
        srunner_add_suite(runner, escape_suite());
        srunner_add_suite(runner, attachment_suite());
        srunner_add_suite(runner, line_suite());
        srunner_add_suite(runner, typed_suite());
        srunner_add_suite(runner, user_input_suite());
        srunner_add_suite(runner, witness_suite());
        srunner_add_suite(runner, patience_suite());
        srunner_add_suite(runner, modes_suite());
        srunner_add_suite(runner, queries_suite());
        srunner_add_suite(runner, painted_suite());
        srunner_add_suite(runner, printable_suite());
        srunner_add_suite(runner, host_suite());
        srunner_add_suite(runner, journal_suite());
        srunner_add_suite(runner, record_suite());
        srunner_add_suite(runner, trace_suite());
        srunner_add_suite(runner, seat_suite());
        srunner_add_suite(runner, extent_suite());
        srunner_add_suite(runner, arrivals_suite());
        srunner_add_suite(runner, observed_suite());
        srunner_add_suite(runner, judge_suite());

        srunner_run_all(runner, CK_ENV);
        int failed = srunner_ntests_failed(runner);
        srunner_free(runner);
        return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
