import org.codehaus.groovy.control.CompilerConfiguration

/** Calls each step where it stands. */
class Direct extends Engine {
    Object perform(String step, List arguments) { job.perform(step, arguments) }

    CompilerConfiguration configuration() { new CompilerConfiguration(scriptBaseClass: 'DirectScript') }

    Object run(Script program) { program.run() }
}
