#ifndef METRICSTEXT_H
#define METRICSTEXT_H
/* metricstext - the text of a metrics file as a line of JSON. */
#include <stdbool.h>

#include "base/buf.h"

/* Append the text to metrics, as one line; or say in trouble what is wrong with it, with the
 * line. any: it need not be an object. */
void metricstext_read(const struct buf *text, bool any, struct buf *metrics, struct buf *trouble);

#endif
