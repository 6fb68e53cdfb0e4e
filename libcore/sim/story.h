#ifndef SIM_STORY_H
#define SIM_STORY_H

#include "script.h"

/* The script that a seed stands for. */
void story_of_seed(struct script *script, uint64_t seed);

#endif
