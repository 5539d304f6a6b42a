/* run_lock: one trainer at a time writes to a run's folder. */
#ifndef NETRT_TRAINER_RUN_LOCK_H
#define NETRT_TRAINER_RUN_LOCK_H

#include "netrt/status.h"

struct run_lock {
    char *path;    /* the file "lock" in the folder, with the number of the process; NULL: nothing is locked */
    int handle;
};

/* Locks a folder that exists. The kernel releases the lock with the process, however it ends. NETRT_E_USAGE names the process that
 * writes there already; NETRT_E_SYSTEM if no file can be made. File systems without locks are used without. */
enum netrt_status run_lock_take(struct run_lock *lock, const char *folder, struct netrt_error *error);

/* Removes the file and the lock; does nothing where nothing is locked. */
void run_lock_release(struct run_lock *lock);

#endif
