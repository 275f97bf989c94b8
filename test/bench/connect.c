// connect ADDRESS SECONDS RATE: opens connections to itself one after the other and closes them at once, RATE a second or, with 0, as
// fast as it can. Prints how many it opened, and how many microseconds of processor time each took.
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int count, char **given) {
  if (count != 4) return 2;
  double seconds = atof(given[2]), rate = atof(given[3]);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(given[1])};
  socklen_t length = sizeof at;
  int listening = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(listening, (struct sockaddr *)&at, length) || listen(listening, 4096)) return perror("listen"), 1;
  getsockname(listening, (struct sockaddr *)&at, &length);
  pid_t server = fork();
  if (server == 0)
    for (;;) close(accept(listening, 0, 0));
  // A reset leaves no socket behind that waits: there are only some 28,000 ports.
  struct linger reset = {1, 0};
  long opened = 0;
  for (double began = now(), passed = 0; (passed = now() - began) < seconds;) {
    if (rate > 0 && opened >= passed * rate) {
      usleep(500);
      continue;
    }
    int client = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    if (connect(client, (struct sockaddr *)&at, length) == 0) opened++;
    close(client);
  }
  kill(server, SIGKILL);
  waitpid(server, 0, 0);
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  double processor = used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
  printf("%ld %.3f\n", opened, processor / opened * 1e6);
  return 0;
}
