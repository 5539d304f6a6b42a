/* signals: what must not outlive netc, however it ends: temporary files, and the processes that work for it. */
#ifndef NETC_DRIVER_SIGNALS_H
#define NETC_DRIVER_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#define DEFECT_REPORT                                                                                                  \
    "This is a defect of netc, not of your file. Please report it with the command line, the file and the output of\n" \
    "`netc --version`.\n"

/* Installs handlers: a crash or a failed assertion is reported as a defect with STATUS_DEFECT; an interruption (SIGINT, SIGTERM,
 * SIGHUP, SIGQUIT, SIGPIPE, SIGXCPU) ends netc by that signal, unless it was ignored from the beginning (nohup). Both clean up first.
 * Standard descriptors that are closed are opened, so that no file takes their numbers. */
void signals_catch(void);

/* Between these no interruption is taken: what is made can be registered before it can be left behind. */
void signals_hold(sigset_t *before);
void signals_release(const sigset_t *before);

/* Temporary files, removed by any end that is not regular. At most a few at a time; `path` is copied. */
void temporary_add(const char *path);
void temporary_forget(const char *path);

/* A process that works for netc and leads a process group. Ended with its group by any end of netc that is not regular: asked first,
 * so that compilers remove their own files, then killed; and waited for. */
void process_add(pid_t leader);
void process_forget(pid_t leader);

/* In a fork of netc: files and processes are the parent's, and a signal ends the process and nothing else. */
void signals_be_child(const sigset_t *before);
bool signals_in_child(void);

/* Ends all processes and removes all temporary files. */
void signals_clean_up(void);

#endif
