// A step with a block: what it changes holds for the block and ends with it. Compiled like the library,
// so that a program can be stopped and resumed inside.
def call(String step, List arguments, Closure body) {
    Map before = enter(step, arguments)
    try {
        return body()
    } finally {
        leave(before)
    }
}
