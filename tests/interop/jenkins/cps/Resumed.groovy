import com.cloudbees.groovy.cps.Continuable
import com.cloudbees.groovy.cps.CpsTransformer
import com.cloudbees.groovy.cps.Outcome
import org.codehaus.groovy.control.CompilerConfiguration

/**
 * Stops at each step, writes the whole program down, forgets it, reads it back and goes on with what
 * the step gave: a controller that restarts at every step. By groovy-cps, the engine of Pipeline.
 */
class Resumed extends Engine {
    /** How often the program was written down and read back. */
    int restarts = 0

    Object perform(String step, List arguments) { Continuable.suspend([step, arguments]) }

    CompilerConfiguration configuration() {
        CompilerConfiguration made = new CompilerConfiguration(scriptBaseClass: 'ResumedScript')
        made.addCompilationCustomizers(new CpsTransformer())
        made
    }

    Object run(Script program) {
        ClassLoader loader = program.class.classLoader
        Continuable continuation = new Continuable(program)
        Outcome given = new Outcome(null, null)
        while (true) {
            Outcome stopped = continuation.run0(given, [Iterators])
            if (!continuation.resumable) {
                return stopped.replay()
            }
            List request = (List) stopped.replay()
            continuation = (Continuable) read(write(continuation), loader)
            restarts += 1
            try {
                given = new Outcome(job.perform((String) request[0], (List) request[1]), null)
            } catch (Throwable thrown) {
                given = new Outcome(null, thrown)
            }
        }
    }

    private static byte[] write(Object what) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream()
        new ObjectOutputStream(bytes).withCloseable { it.writeObject(what) }
        bytes.toByteArray()
    }

    private static Object read(byte[] bytes, ClassLoader loader) {
        new Reader(new ByteArrayInputStream(bytes), loader).readObject()
    }

    /** Finds the classes of the program, which only its own loader knows. */
    private static class Reader extends ObjectInputStream {
        private final ClassLoader loader

        Reader(InputStream bytes, ClassLoader loader) {
            super(bytes)
            this.loader = loader
        }

        protected Class resolveClass(ObjectStreamClass what) {
            try {
                Class.forName(what.name, false, loader)
            } catch (ClassNotFoundException unknown) {
                super.resolveClass(what)
            }
        }
    }
}
