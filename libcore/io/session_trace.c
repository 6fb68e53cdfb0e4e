#include "io/session_parts.h"

#include "io/clock.h"

bool sc_session_trace_open(struct sc_session_driver *driver)
{
        const struct sc_session_driver_config *config = driver->config;
        if (!config->trace.file.path)
                return true;
        driver->witness.input = config->trace_input;
        driver->witness.program = config->program;
        driver->witness.wall_offset_ns = sc_clock_wall_offset_ns();
        int result = sc_trace_file_open(&driver->trace, &config->trace, config->report);
        return result == 0 || sc_session_fail(driver, result, config->trace.file.path);
}

static void put_records(struct sc_session_driver *driver)
{
        struct sc_record record;
        while (sc_witness_next(&driver->witness, &record))
                sc_trace_file_put(driver->trace, &record);
}

void sc_session_trace_connected(struct sc_session_driver *driver)
{
        if (!driver->trace)
                return;
        sc_witness_connected(&driver->witness, driver->transport.native, driver->now_ns);
        put_records(driver);
}

void sc_session_trace_heard(struct sc_session_driver *driver, struct sc_span bytes)
{
        if (!driver->trace)
                return;
        sc_witness_heard(&driver->witness, bytes, driver->now_ns);
        put_records(driver);
}

void sc_session_trace_said(struct sc_session_driver *driver, struct sc_span bytes)
{
        if (!driver->trace)
                return;
        sc_witness_said(&driver->witness, bytes, driver->now_ns);
        put_records(driver);
}

void sc_session_trace_closed(struct sc_session_driver *driver, bool by_peer)
{
        if (!driver->trace)
                return;
        sc_witness_closed(&driver->witness, by_peer, driver->now_ns);
        put_records(driver);
}

void sc_session_trace_close(struct sc_session_driver *driver)
{
        if (!driver->trace)
                return;
        sc_witness_ended(&driver->witness, driver->now_ns);
        put_records(driver);
        sc_trace_file_close(driver->trace);
        driver->trace = NULL;
}
