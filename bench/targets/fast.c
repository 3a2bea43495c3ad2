/* A target of known service time: `fast PORT [DELAY_US]`. One epoll loop, one core.
 *
 * Without a delay it is faster than any load tool on one core: one recv and one send a request.
 * With one, every request is answered that long after it came, to some 50 us: the kernel's timers
 * in nanoseconds, not a loop's in milliseconds, which would answer some tools a tick later than
 * others. Reads no more of HTTP than a head and its Content-Length: for benchmarks on loopback.
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

/* The last request seen: load tools repeat themselves, and parsing is what a tool's rate costs. */
static char known[BUFFER];
static size_t known_length;

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
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

static int take_up(int socket) {
    if (delay_ns == 0) return answer(socket);
    if (last - first == CONNECTIONS) return 0;
    waiting[last % CONNECTIONS].due = now_ns() + delay_ns;
    waiting[last % CONNECTIONS].socket = socket;
    waiting[last % CONNECTIONS].life = connections[socket].life;
    last++;
    return 1;
}

static void answer_due(void) {
    while (first != last && waiting[first % CONNECTIONS].due <= now_ns()) {
        int socket = waiting[first % CONNECTIONS].socket;
        if (waiting[first % CONNECTIONS].life == connections[socket].life) answer(socket);
        first++;
    }
}

static int serve(int socket) {
    char *bytes = connections[socket].bytes;
    size_t *filled = &connections[socket].filled;
    ssize_t got = recv(socket, bytes + *filled, BUFFER - *filled, 0);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    *filled += (size_t)got;
    for (size_t length; (length = request_length(bytes, *filled)) > 0;) {
        if (!take_up(socket)) return 0;
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
