#include "io/survey.h"

#include "io/clock.h"
#include "io/control.h"
#include "io/history_reader.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

/* One conversation that is going on. */
struct question {
        struct sc_survey_console *console; /* NULL: free */
        uint64_t deadline_ns;
        bool has_status;
        struct sc_control control;
};

struct survey {
        struct question *questions; /* SC_SURVEY_AT_ONCE */
        struct pollfd polls[SC_SURVEY_AT_ONCE];
        size_t open;
};

static enum sc_survey_answer answer_of(int error)
{
        switch (-error) {
        case ENOENT:
        case ENOTDIR:
        case ECONNREFUSED:
                return SC_SURVEY_NO_HOST;
        case EAGAIN:     /* its queue is full */
        case ECONNRESET: /* it made room for others */
        case ETIMEDOUT:
                return SC_SURVEY_SILENT;
        case EPROTO:
                return SC_SURVEY_FOREIGN;
        default:
                return SC_SURVEY_FAILED;
        }
}

static void finish(struct survey *survey, struct question *question, int error)
{
        question->console->answer = error == 0 ? SC_SURVEY_ANSWERED : answer_of(error);
        question->console->error = error;
        question->console = NULL;
        sc_control_close(&question->control);
        survey->open--;
}

/* Everything at once: a connection that is new takes as much as this. */
static int send_questions(int fd)
{
        uint8_t bytes[256];
        struct sc_encoder encoder = { .bytes = bytes, .capacity = sizeof(bytes) };
        static const struct sc_hello hello = {
                .version = SC_PROTOCOL_VERSION,
                .role = SC_ROLE_CONTROL,
                .start = SC_START_END,
        };
        static const struct sc_history_request history = {
                .start = SC_START_LAST,
                .value = SC_SURVEY_LAST_BYTES,
                .length_bytes = SC_SURVEY_LAST_BYTES,
        };

        sc_frame_put_hello(&encoder, &hello);
        sc_frame_put_empty(&encoder, SC_FRAME_STATUS_REQUEST);
        sc_frame_put_history(&encoder, &history);
        ssize_t sent = send(fd, bytes, encoder.length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0)
                return errno == EPIPE ? -ECONNRESET : -errno;
        return (size_t)sent == encoder.length ? 0 : -ETIMEDOUT;
}

/* False: there is no descriptor for it now, but there will be. */
static bool ask(struct survey *survey, struct sc_survey_console *console, uint64_t now_ns)
{
        struct question *question = survey->questions;
        while (question->console)
                question++;

        int error = sc_control_connect(&question->control, console->control_path);
        if (error == -EMFILE && survey->open > 0)
                return false;
        question->console = console;
        question->deadline_ns = now_ns + SC_SURVEY_WAIT_NS;
        question->has_status = false;
        console->last_length = 0;
        survey->open++;
        if (error == 0)
                error = send_questions(question->control.fd);
        if (error != 0)
                finish(survey, question, error);
        return true;
}

static int take_part(struct sc_survey_console *console, struct sc_frame *frame)
{
        struct sc_history_part part;

        if (!sc_history_reader_part(frame, &part))
                return -EPROTO;
        if (part.bytes == NULL) { /* what stands before a gap is not the last */
                console->last_length = 0;
                return 0;
        }
        if (part.length > SC_SURVEY_LAST_BYTES - console->last_length)
                return -EPROTO;
        memcpy(console->last + console->last_length, part.bytes, part.length);
        console->last_length += part.length;
        return 0;
}

/* 1: that was all; 0: go on; or -errno. */
static int take_frame(struct question *question, struct sc_frame *frame)
{
        struct sc_survey_console *console = question->console;

        switch (frame->type) {
        case SC_FRAME_WELCOME:
                return 0;
        case SC_FRAME_STATUS:
                question->has_status = sc_status_get(&frame->payload, &console->status);
                return question->has_status ? 0 : -EPROTO;
        case SC_FRAME_HISTORY_DATA:
        case SC_FRAME_HISTORY_GAP:
                return take_part(console, frame);
        case SC_FRAME_HISTORY_END:
                return question->has_status ? 1 : -EPROTO;
        default:
                return -EPROTO;
        }
}

static void read_answer(struct survey *survey, struct question *question)
{
        struct sc_frame frame;

        int result = sc_control_fill(&question->control);
        while (result == 0) {
                result = sc_control_next(&question->control, &frame);
                if (result == 0)
                        return; /* the rest is still to come */
                if (result > 0)
                        result = take_frame(question, &frame);
        }
        finish(survey, question, result > 0 ? 0 : result);
}

/* Waits for the next answer, or until the first of those asked has had its time. */
static void await_answers(struct survey *survey)
{
        struct question *waiting[SC_SURVEY_AT_ONCE]; /* poll takes no more than there may be descriptors */
        nfds_t count = 0;
        uint64_t now_ns = sc_clock_now_ns();
        uint64_t deadline_ns = UINT64_MAX;

        for (size_t i = 0; i < SC_SURVEY_AT_ONCE; i++) {
                struct question *question = &survey->questions[i];
                if (!question->console)
                        continue;
                waiting[count] = question;
                survey->polls[count++] = (struct pollfd) { .fd = question->control.fd, .events = POLLIN };
                deadline_ns = sc_min_u64(deadline_ns, question->deadline_ns);
        }
        uint64_t left_ns = sc_sub_sat_u64(deadline_ns, now_ns);
        bool ready = poll(survey->polls, count, (int)(left_ns / SC_NS_PER_MS) + 1) > 0;

        now_ns = sc_clock_now_ns();
        for (nfds_t i = 0; i < count; i++) {
                if (ready && survey->polls[i].revents != 0)
                        read_answer(survey, waiting[i]);
                if (waiting[i]->console && now_ns >= waiting[i]->deadline_ns)
                        finish(survey, waiting[i], -ETIMEDOUT);
        }
}

int sc_survey_run(struct sc_survey_console *consoles, size_t count)
{
        struct survey survey = { .questions = calloc(SC_SURVEY_AT_ONCE, sizeof(*survey.questions)) };
        size_t asked = 0;

        if (!survey.questions)
                return -ENOMEM;
        while (asked < count || survey.open > 0) {
                uint64_t now_ns = sc_clock_now_ns();
                while (asked < count && survey.open < SC_SURVEY_AT_ONCE &&
                       ask(&survey, &consoles[asked], now_ns))
                        asked++;
                if (survey.open > 0)
                        await_answers(&survey);
        }
        free(survey.questions);
        return 0;
}
