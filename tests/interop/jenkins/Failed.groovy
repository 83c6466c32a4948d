/** What `error` throws: the build ends with this message. */
class Failed extends RuntimeException {
    Failed(String message) { super(message) }
}
