/* Both ends of a gateway: the clients and the model, in one process, `ends MODEL_PORT`. One core.
 *
 * nginx spends four system calls on a request and little else, and so must whoever loads it and
 * answers it from one other core: no other process to switch to, no epoll_ctl per request (wrk has
 * two), nothing read of HTTP but a head's end and its Content-Length. For benchmarks on loopback.
 *
 * Each line on stdin, `PORT CONNECTIONS SECONDS LENGTH`, and LENGTH bytes of a request after it are
 * one load: every connection sends the request again as soon as it is answered. Ten # in it become
 * a number that never repeats. Then `REQUESTS ERRORS SECONDS` is written to stdout, as `ready` is at
 * the start.
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

enum { CONNECTIONS = 4096, BUFFER = 16384, EVENTS = 256, DIGITS = 10 };
enum role { NOBODY, MODEL, CLIENT };

/* One that takes up each answer at once is woken for each, and that costs more than the answer. With
 * many connections the part under test has work waiting meanwhile. */
static const struct timespec PAUSE = {.tv_nsec = 50000};

static const char ANSWER[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 8\r\n\r\n0.123456";

static struct { char bytes[BUFFER]; size_t filled; enum role role; } connections[CONNECTIONS];
static char request[BUFFER], *number;
static size_t request_size;
static unsigned long requests, errors, sent;
static int poll;

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int tell(int socket, const char *bytes, size_t size) {
    return send(socket, bytes, size, MSG_NOSIGNAL) == (ssize_t)size;
}

static int ask(int socket) {
    unsigned long rest = sent++;
    for (int place = DIGITS; number && place-- > 0; rest /= 10) number[place] = (char)('0' + rest % 10);
    return tell(socket, request, request_size);
}

/* The length of the message that the buffer begins with; 0 while it is not whole. */
static size_t message_length(const char *bytes, size_t filled) {
    const char *end = memmem(bytes, filled, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    size_t head = (size_t)(end - bytes) + 4, body = 0;
    for (const char *line = bytes; line < end;) {
        line = (const char *)memchr(line, '\n', (size_t)(end + 2 - line)) + 1;
        if ((*line | 32) == 'c' && strncasecmp(line, "content-length:", 15) == 0)
            body = strtoul(line + 15, NULL, 10);
    }
    return head + body <= filled ? head + body : 0;
}

static int take_up(int socket) {
    if (connections[socket].role == MODEL) return tell(socket, ANSWER, sizeof ANSWER - 1);
    requests++;
    if (memcmp(connections[socket].bytes, "HTTP/1.1 200", 12) != 0) errors++;
    return ask(socket);
}

static int serve(int socket) {
    char *bytes = connections[socket].bytes;
    size_t *filled = &connections[socket].filled;
    ssize_t got = recv(socket, bytes + *filled, BUFFER - *filled, 0);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    *filled += (size_t)got;
    for (size_t length; (length = message_length(bytes, *filled)) > 0;) {
        if (!take_up(socket)) return 0;
        *filled -= length;
        if (*filled) memmove(bytes, bytes + length, *filled);
    }
    return *filled < BUFFER;
}

static void leave(int socket) {
    connections[socket].role = NOBODY;
    close(socket);
}

static void join(int socket, enum role role) {
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    /* The simplest there is: what some kernels use instead keeps a timer for every packet. */
    setsockopt(socket, IPPROTO_TCP, TCP_CONGESTION, "reno", 4);
    connections[socket].filled = 0;
    connections[socket].role = role;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = socket};
    epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event);
}

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int enter(int port) {
    struct sockaddr_in address = loopback(port);
    int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection, (struct sockaddr *)&address, sizeof address)) return -1;
    join(connection, CLIENT);
    return connection;
}

static void turn(int listener, int wait_ms) {
    struct epoll_event ready[EVENTS];
    int count = epoll_wait(poll, ready, EVENTS, wait_ms);
    for (int i = 0; i < count; i++) {
        int socket = ready[i].data.fd;
        if (socket == listener) {
            while ((socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) join(socket, MODEL);
        } else if (connections[socket].role != NOBODY && !serve(socket)) {
            errors += connections[socket].role == CLIENT;
            leave(socket);
        }
    }
}

static void load(int listener, int port, int count, double seconds) {
    requests = errors = 0;
    double start = now_s();
    for (int i = 0; i < count; i++) {
        int client = enter(port);
        if (client < 0 || !ask(client)) errors++;
    }
    while (now_s() < start + seconds) {
        turn(listener, 100);
        nanosleep(&PAUSE, NULL);
    }
    for (int socket = 0; socket < CONNECTIONS; socket++)
        if (connections[socket].role == CLIENT) leave(socket);
    printf("%lu %lu %f\n", requests, errors, now_s() - start);
    fflush(stdout);
}

/* Between loads the model answers on: gateways look after their connections. */
static int command(int listener) {
    char line[128];
    int port, count;
    double seconds;
    if (fgets(line, sizeof line, stdin) == NULL) return 0;
    if (sscanf(line, "%d %d %lf %zu", &port, &count, &seconds, &request_size) != 4) return 0;
    if (request_size > BUFFER || fread(request, 1, request_size, stdin) != request_size) return 0;
    number = memmem(request, request_size, "##########", DIGITS);
    load(listener, port, count, seconds);
    return 1;
}

int main(int count, char **arguments) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_TIMERSLACK, 1000);
    setvbuf(stdin, NULL, _IONBF, 0);
    struct sockaddr_in address = loopback(count > 1 ? atoi(arguments[1]) : 0);
    int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) {
        perror("ends");
        return 1;
    }
    puts("ready");
    fflush(stdout);
    poll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    event.data.fd = STDIN_FILENO;
    epoll_ctl(poll, EPOLL_CTL_ADD, STDIN_FILENO, &event);
    for (;;) {
        struct epoll_event ready;
        if (epoll_wait(poll, &ready, 1, -1) < 1) continue;
        if (ready.data.fd == STDIN_FILENO) {
            if (!command(listener)) return 0;
        } else {
            turn(listener, 0);
        }
    }
}
