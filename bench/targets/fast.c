/* A target faster than any load tool on one core: one epoll loop, one recv and one send a request.
 *
 *   cc -O2 -o fast fast.c && taskset -c 1 ./fast PORT
 *
 * Answers every whole request (head, and the body its Content-Length announces) with the same 200.
 * It reads no more of HTTP than that: for benchmarks on loopback only.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <signal.h>
#include <unistd.h>

enum { CONNECTIONS = 4096, BUFFER = 16384, EVENTS = 256 };

static const char ANSWER[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 4\r\n\r\n0.5\n";

static struct { char bytes[BUFFER]; size_t filled; } connections[CONNECTIONS];

/* The last request seen: load tools repeat themselves, and parsing is what a tool's rate costs. */
static char known[BUFFER];
static size_t known_length;

static size_t request_length(char *bytes, size_t filled) {
    if (known_length && filled >= known_length && memcmp(bytes, known, known_length) == 0)
        return known_length;
    char *end = memmem(bytes, filled, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    size_t head = (size_t)(end - bytes) + 4, body = 0;
    for (char *line = bytes; line < end;) {
        char *next = memmem(line, (size_t)(end + 2 - line), "\r\n", 2) + 2;
        if (strncasecmp(line, "content-length:", 15) == 0) body = strtoul(line + 15, NULL, 10);
        line = next;
    }
    if (head + body > filled) return 0;
    known_length = head + body;
    memcpy(known, bytes, known_length);
    return known_length;
}

static int serve(int socket) {
    char *bytes = connections[socket].bytes;
    size_t *filled = &connections[socket].filled;
    ssize_t got = recv(socket, bytes + *filled, BUFFER - *filled, 0);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    *filled += (size_t)got;
    for (size_t length; (length = request_length(bytes, *filled)) > 0;) {
        if (send(socket, ANSWER, sizeof ANSWER - 1, MSG_NOSIGNAL) < 0) return 0;
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

int main(int count, char **arguments) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
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
        int number = epoll_wait(poll, ready, EVENTS, -1);
        for (int i = 0; i < number; i++) {
            if (ready[i].data.fd == listener) welcome(poll, listener);
            else if (!serve(ready[i].data.fd)) close(ready[i].data.fd);
        }
    }
}
