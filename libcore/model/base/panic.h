#ifndef SC_PANIC_H
#define SC_PANIC_H

/* The one way out of a broken promise of our own. Never for what a peer sent. The program that the model is
 * linked into defines sc_panic: io ends the process, a test fails, a fuzzer aborts. */
_Noreturn void sc_panic(const char *file, int line, const char *expression);

/* Stays on in every build. */
#define SC_ASSERT(expression) ((expression) ? (void)0 : sc_panic(__FILE__, __LINE__, #expression))

#endif
