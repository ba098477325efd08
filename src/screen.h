#ifndef SCREEN_H
#define SCREEN_H
/* screen - the page of sweep-watch on a terminal. */
#include "view.h"

/* Show the alternate screen, without cursor or echo, keys as they come; and undo that. */
void screen_enter(void);
void screen_leave(void);

/* Draw the page in the size that the terminal has. last: what was drawn, kept by this. */
void screen_draw(const struct view *view, struct buf *last);

/* Wait so long for a key. Was it q, or is the terminal gone? */
bool screen_left(double seconds);

#endif
