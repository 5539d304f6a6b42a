/* status: how netc ends. */
#ifndef NETC_DRIVER_STATUS_H
#define NETC_DRIVER_STATUS_H

enum status {
    STATUS_DONE = 0,
    STATUS_ERRORS = 1,     /* the source has errors, or warnings under -Werror */
    STATUS_USAGE = 2,      /* the command line is wrong */
    STATUS_SYSTEM = 3,     /* the system refused: open, read, write, space, a missing tool */
    STATUS_DEFECT = 70     /* netc itself is at fault */
};

#endif
