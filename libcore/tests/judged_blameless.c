#include "judged_traces.h"

#include "model/base/span.h"

/* Good traces that each look like a bad one. */

/* One that can neither be told anything nor say anything is ended, which is told behind what is asked of it. */
static const char *const who_is_over_is_kicked[] = {
        "0 config 1 host 0 1000 0 all 0 0 all 4 0",
        "100 connect 1 raw 0 0",
        "100 start 1 client policy 0 0 ok 0 0",
        "200 connect 2 control 0 0",
        "200 start 2 client beginning 0 0 ok 0 0",
        "200 writers 0 2",
        "300 sample 1 1 1 0 0 0",
        "300 input-ended 1 0",
        "300 sample 1 1 1 0 0 0",
        "300 request 2 7 no-client 1",
        "300 end 1 none 0 0 0 0",
        "400 closing 2 ending",
        "400 end 2 ending 0 0 0 0",
        "400 counters 0 0 0 0 0 0 0 0 0 0 0 0 0 0 2 0 0 0 0 10ms",
        "400 stop ended",
        NULL,
};

/* The machine slept when the pause was to end: that is in the first wake-up behind it. */
static const char *const a_host_sleeps_in_a_pause[] = {
        "0 config 1 host 0 1000 0 none 0 500ms all 4 0",
        "100 boundary 1 0 up",
        "100 connect 1 raw 7 1",
        "100 start 1 client policy 0 0 ok 0 0",
        "200 output 0 900",
        "200 accepted 1 900 100 0 0 0",
        "200 sent 1 0 100 0",
        "210 hold 1 0",
        "3600000 sample 1 0 0 0 0 0",
        "3600000 hold 0 1",
        "3600000 output 900 900",
        "3600000 overwritten 0 800 800",
        "3600100 closing 1 ending",
        "3600100 end 1 ending 100 0 0 0",
        "3600100 counters 1800 800 0 800 800 0 0 0 0 0 0 0 0 0 1 0 0 0 0 10ms",
        "3600100 stop ended",
        NULL,
};

/* --- records are missing: what they told is not known --- */

/* Another guest came at 200. Who begins there consumes nothing of what it skipped. */
static const char *const the_newest_boot_is_missing[] = {
        "0 config 1 host 0 1000 0 boot 0 0 all 4 0",
        "100 boundary 1 0 up",
        "100 output 0 100",
        "200 missing 3 100",
        "300 output 200 100",
        "300 counters 300 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 10ms",
        "400 connect 1 raw 0 0",
        "400 start 1 client policy 0 0 ok 200 300",
        "400 accepted 1 100 100 0 0 0",
        "400 sent 1 200 100 0",
        "500 sample 1 1 0 0 0 0",
        "600 closing 1 ending",
        "600 end 1 ending 300 300 0 0",
        "600 counters 300 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 0 0 0 10ms",
        "600 stop ended",
        NULL,
};

/* The next boundary is counted, and those before it are not known by that. */
static const char *const a_boot_before_a_mark_is_missing[] = {
        "0 config 1 host 0 1000 0 boot 0 0 all 4 0",
        "100 missing 1 0",
        "200 output 0 100",
        "300 boundary 3 100 mark 'x'",
        "300 request 1 9 ok 0",
        "400 connect 2 control 0 0",
        "400 start 2 viewer boundary 2 0 ok 50 100",
        "400 accepted 2 100 100 0 0 0",
        "400 sent 2 50 50 200ms",
        "400 told 2 3",
        "500 connect 3 control 0 0",
        "500 start 3 viewer boot 0 0 ok 50 100",
        "500 accepted 3 100 100 0 0 0",
        "500 sent 3 50 50 200ms",
        "500 told 3 3",
        "600 stop limited",
        NULL,
};

/* Client 2 came and took the role. */
static const char *const a_take_is_missing[] = {
        "0 config 1 host 0 1000 0 all 0 0 one 4 0",
        "100 connect 1 raw 0 0",
        "100 writers 1 0",
        "100 start 1 client policy 0 0 ok 0 0",
        "200 missing 4 0",
        "300 connect 3 raw 0 0",
        "300 start 3 client policy 0 0 ok 0 0",
        "400 sample 1 1 1 0 0 0",
        "400 input-ended 1 0",
        "400 sample 1 1 1 0 0 0",
        "400 end 1 none 0 0 0 0",
        "500 stop limited",
        NULL,
};

static const char *const a_break_that_waits_is_missing[] = {
        "0 config 1 host 0 1000 0 all 0 0 all 4 0",
        "100 boundary 1 0 up",
        "200 missing 3 0",
        "300 counters 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 0 0 0 10ms",
        "400 request 1 3 ok 1",
        "400 break 0",
        "400 break 0",
        "500 stop limited",
        NULL,
};

/* What the guest took meanwhile is told later. */
static const char *const a_break_is_known_and_its_place_is_not[] = {
        "0 config 1 host 0 1000 0 all 0 0 all 4 0",
        "100 boundary 1 0 up",
        "100 connect 1 raw 0 0",
        "100 start 1 client policy 0 0 ok 0 0",
        "100 input 1 0 5",
        "200 missing 1 0",
        "300 input 1 0 3",
        "300 request 2 3 ok 1",
        "300 guest-input 3",
        "300 break 0",
        "400 counters 0 0 0 0 0 0 8 8 0 0 0 0 0 1 2 0 0 0 0 10ms",
        "500 input 1 0 7",
        "500 guest-input 7",
        "600 stop limited",
        NULL,
};

static const char *const a_clear_is_missing[] = {
        "0 config 1 host 0 1000 0 all 0 0 one 4 0",
        "100 missing 9 100",
        "100 closing 1 kicked",
        "100 writers 2 2",
        "100 request 2 8 ok 0",
        "100 end 1 kicked 0 0 0 0",
        "200 stop limited",
        NULL,
};

/* It kicked itself, and what the host decided then stands before the answer. */
static const char *const the_closing_of_who_asked_is_missing[] = {
        "0 config 1 host 0 1000 0 all 0 0 all 4 0",
        "100 missing 4 0",
        "100 request 1 7 ok 1",
        "200 writable 1",
        "200 accepted 1 42 42 0 0 0",
        "200 end 1 kicked 0 0 0 0",
        "300 stop limited",
        NULL,
};

/* What it keeps the times of is not known, nor how coarsely. */
static const char *const thousands_of_times_are_missing[] = {
        "0 config 1 host 0 1000000 0 all 0 0 all 4 0",
        "100000 missing 9000 90000",
        "100000 output 90000 10",
        "100000 accepted 1 40 40 0 0 0",
        "100000 sent 1 90000 10 99980ms",
        "100000 stop limited",
        NULL,
};

/* --- an observer's --- */

/* The ring overtook it behind its first bytes, which are too few to be found. */
static const char *const a_client_is_overtaken_at_once[] = {
        "0 config 1 observer 1 1000 0 all 0 0 all 4 0",
        "100 boundary 0 0 up",
        "100 output 0 500",
        "200 connect 1 raw 0 0",
        "200 output 500 2000",
        "300 received 1 ? 0 10@0",
        "300 received 1 ? 0 1000@1500",
        "400 quiet 0",
        "500 output 2500 100",
        "500 received 1 ? 0 100@2500",
        "600 quiet 0",
        "700 stop ended",
        NULL,
};

/* The byte before the ring is that of the kept beginning: it has begun at either. */
static const char *const the_beginning_is_said_again_before_the_ring[] = {
        "0 config 1 observer 1 1000 1 all 0 0 all 1 0",
        "100 boundary 0 0 up",
        "100 output 0 'X'",
        "100 output 1 499",
        "100 output 500 'X'",
        "100 output 501 1000",
        "200 quiet 0",
        "300 connect 1 raw 0 0",
        "400 received 1 ? 0 'X'",
        "400 received 1 ? 0 1000@501",
        "500 quiet 0",
        "600 stop ended",
        NULL,
};

/* Client 1 is there, and there is a place for one. */
static const char *const who_takes_the_last_place_is_missing[] = {
        "0 config 1 observer 1 1000 0 all 0 0 all 1 0",
        "100 missing 1 0",
        "200 boundary 0 0 up",
        "300 connect 2 raw 0 0",
        "300 end 2 limit ? ? ? ?",
        "400 quiet 0",
        "500 stop ended",
        NULL,
};

const char *const *const blameless[] = {
        who_is_over_is_kicked,
        a_host_sleeps_in_a_pause,
        the_newest_boot_is_missing,
        a_boot_before_a_mark_is_missing,
        a_take_is_missing,
        a_break_that_waits_is_missing,
        a_break_is_known_and_its_place_is_not,
        a_clear_is_missing,
        the_closing_of_who_asked_is_missing,
        thousands_of_times_are_missing,
        a_client_is_overtaken_at_once,
        the_beginning_is_said_again_before_the_ring,
        who_takes_the_last_place_is_missing,
};
const size_t blameless_count = SC_COUNT(blameless);
