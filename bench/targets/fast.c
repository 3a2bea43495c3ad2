/* A target of known service time: `fast PORT [DELAY_US]`. One epoll loop, one core.
 *
 * Without a delay it is faster than any load tool on one core: one recv and one send a request.
 * With one, every request is answered that long after it came, to some 50 us: the kernel's timers
 * in nanoseconds, not a loop's in milliseconds, which would answer some tools a tick later than
 * others. Reads no more of HTTP than a head and its Content-Length: for benchmarks on loopback.
 *
 * It keeps a record of how long each answer took on the wire: from the moment the kernel had the
 * request (its own timestamp, so that a late reader here does not flatter anyone) to the moment the
 * answer was handed over, which on loopback is the moment the other side's kernel has it. What a
 * tool reports beyond that is time it spent itself. GET /record tells it, in microseconds as
 * "count p50 p99", and begins a new one.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 4096, BUFFER = 16384, EVENTS = 256 };

static const char ANSWER[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 4\r\n\r\n0.5\n";

static struct { char bytes[BUFFER]; size_t filled; unsigned life; } connections[CONNECTIONS];

/* Who waits for an answer: all wait equally long, so the first in is the first out. */
static struct { int64_t due; int socket; unsigned life; } waiting[CONNECTIONS];
static unsigned first, last;
static int64_t delay_ns;

/* How many answers took so many times 10 us; the last place is for all that took longer. */
enum { STEP_NS = 10000, STEPS = 20000 };
static unsigned took[STEPS], answers;

/* The last request seen: load tools repeat themselves, and parsing is what a tool's rate costs. */
static char known[BUFFER];
static size_t known_length;

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now); /* The clock of the kernel's timestamps. */
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void record(int64_t ns) {
    int64_t step = ns / STEP_NS;
    took[step < 0 ? 0 : step < STEPS ? step : STEPS - 1]++;
    answers++;
}

static unsigned percentile_us(unsigned percent) {
    uint64_t rank = ((uint64_t)answers * percent + 99) / 100, seen = 0;
    for (unsigned step = 0; step < STEPS; step++)
        if ((seen += took[step]) >= rank && rank) return (step * STEP_NS + STEP_NS / 2) / 1000;
    return 0;
}

static int tell_record(int socket) {
    char body[64], text[192];
    int size = snprintf(body, sizeof body, "%u %u %u", answers, percentile_us(50), percentile_us(99));
    int whole = snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", size, body);
    memset(took, 0, sizeof took);
    answers = 0;
    return send(socket, text, (size_t)whole, MSG_NOSIGNAL) >= 0;
}

static size_t request_length(char *bytes, size_t filled) {
    if (known_length && filled >= known_length && memcmp(bytes, known, known_length) == 0)
        return known_length;
    char *end = memmem(bytes, filled, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    size_t head = (size_t)(end - bytes) + 4, body = 0;
    for (char *line = bytes; line < end;) {
        char *next = (char *)memmem(line, (size_t)(end + 2 - line), "\r\n", 2) + 2;
        if (strncasecmp(line, "content-length:", 15) == 0) body = strtoul(line + 15, NULL, 10);
        line = next;
    }
    if (head + body > filled) return 0;
    known_length = head + body;
    memcpy(known, bytes, known_length);
    return known_length;
}

static int answer(int socket) {
    return send(socket, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL) >= 0;
}

static int take_up(int socket, int64_t arrived) {
    if (memcmp(connections[socket].bytes, "GET /record", 11) == 0) return tell_record(socket);
    if (delay_ns == 0) return answer(socket);
    if (last - first == CONNECTIONS) return 0;
    waiting[last % CONNECTIONS].due = arrived + delay_ns;
    waiting[last % CONNECTIONS].socket = socket;
    waiting[last % CONNECTIONS].life = connections[socket].life;
    last++;
    return 1;
}

static void answer_due(void) {
    while (first != last && waiting[first % CONNECTIONS].due <= now_ns()) {
        int socket = waiting[first % CONNECTIONS].socket;
        if (waiting[first % CONNECTIONS].life == connections[socket].life) {
            record(now_ns() - waiting[first % CONNECTIONS].due + delay_ns);
            answer(socket);
        }
        first++;
    }
}

/* As recv(); `arrived` is when the kernel had the last of it, where that matters. */
static ssize_t receive(int socket, char *bytes, size_t room, int64_t *arrived) {
    if (delay_ns == 0) return recv(socket, bytes, room, 0);
    union { char bytes[CMSG_SPACE(sizeof(struct timespec))]; struct cmsghdr aligned; } control;
    struct iovec place = {.iov_base = bytes, .iov_len = room};
    struct msghdr message = {.msg_iov = &place, .msg_iovlen = 1,
        .msg_control = control.bytes, .msg_controllen = sizeof control};
    ssize_t got = recvmsg(socket, &message, 0);
    struct cmsghdr *found = got > 0 ? CMSG_FIRSTHDR(&message) : NULL;
    *arrived = now_ns();
    if (found && found->cmsg_level == SOL_SOCKET && found->cmsg_type == SCM_TIMESTAMPNS) {
        struct timespec stamp;
        memcpy(&stamp, CMSG_DATA(found), sizeof stamp);
        *arrived = stamp.tv_sec * 1000000000LL + stamp.tv_nsec;
    }
    return got;
}

static int serve(int socket) {
    char *bytes = connections[socket].bytes;
    size_t *filled = &connections[socket].filled;
    int64_t arrived = 0;
    ssize_t got = receive(socket, bytes + *filled, BUFFER - *filled, &arrived);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    *filled += (size_t)got;
    for (size_t length; (length = request_length(bytes, *filled)) > 0;) {
        if (!take_up(socket, arrived)) return 0;
        *filled -= length;
        if (*filled) memmove(bytes, bytes + length, *filled);
    }
    return *filled < BUFFER;
}

static void welcome(int poll, int listener) {
    int on = 1, socket;
    while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        if (socket >= CONNECTIONS) { close(socket); continue; }
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (delay_ns) setsockopt(socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
        connections[socket].filled = 0;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = socket};
        epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event);
    }
}

static void leave(int socket) {
    connections[socket].life++; /* Whoever comes next on this number is owed nothing. */
    close(socket);
}

static int wait_for(int poll, struct epoll_event *ready) {
    if (first == last) return epoll_wait(poll, ready, EVENTS, -1);
    int64_t left = waiting[first % CONNECTIONS].due - now_ns();
    struct timespec until = {.tv_nsec = left > 0 ? left % 1000000000 : 0};
    until.tv_sec = left > 0 ? left / 1000000000 : 0;
    return epoll_pwait2(poll, ready, EVENTS, &until, NULL);
}

int main(int count, char **arguments) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1000);
    delay_ns = count > 2 ? 1000LL * atoi(arguments[2]) : 0;
    struct sockaddr_in address = {.sin_family = AF_INET,
        .sin_port = htons((uint16_t)(count > 1 ? atoi(arguments[1]) : 0)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) {
        perror("fast");
        return 1;
    }
    int poll = epoll_create1(0);
    struct epoll_event ready[EVENTS], event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int number = wait_for(poll, ready);
        for (int i = 0; i < number; i++) {
            if (ready[i].data.fd == listener) welcome(poll, listener);
            else if (!serve(ready[i].data.fd)) leave(ready[i].data.fd);
        }
        answer_due();
    }
}
