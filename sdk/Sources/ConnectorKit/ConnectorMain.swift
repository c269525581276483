import ConnectorProtocol
import Foundation

/// The program around a connector.
public enum ConnectorMain {
  /// Runs the program and ends the process. Call it from `@main`, in a file that is not called `main.swift`.
  ///
  /// Without arguments it serves one conversation on standard input and output; what else prints to standard output
  /// lands on standard error. `describe` prints the capability document, `--version` the connector's version.
  public static func run<C: Connector>(_ type: C.Type) async -> Never {
    switch Array(CommandLine.arguments.dropFirst()) {
    case []: await serve(type)
    case ["describe"]: describe(type)
    case ["--version"]: finish(0, Data("\(C.document.id) \(C.document.version)\n".utf8))
    default: finish(usageExit, Data(usage(C.document).utf8), to: STDERR_FILENO)
    }
  }

  /// `EX_USAGE` of sysexits.h.
  private static let usageExit: Int32 = 64

  private static func serve<C: Connector>(_ type: C.Type) async -> Never {
    if ProcessInfo.processInfo.environment["ASCEND_CONNECTOR"] != "1", isatty(STDIN_FILENO) == 1 {
      finish(usageExit, Data(usage(C.document).utf8), to: STDERR_FILENO)
    }
    guard let fence = StdioFence.raise() else {
      let why = String(cString: strerror(errno))
      finish(1, Data("cannot set up standard input and output: \(why)\n".utf8), to: STDERR_FILENO)
    }
    let server = Server<C>(
      input: fence.input, output: fence.output, logs: STDERR_FILENO,
      workFolder: FileManager.default.currentDirectoryPath)
    let reader = Thread {
      let code = server.run()
      // What `print` still holds is worth having; after a bad end a lock in there may never be given back.
      if code == 0 { fflush(nil) }
      _exit(code)
    }
    reader.name = "connector-reader"
    reader.start()
    // The reader ends the process; this task never goes on.
    while true { await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in } }
  }

  private static func describe<C: Connector>(_ type: C.Type) -> Never {
    do {
      finish(0, try ConnectorManifest.bytes(of: C.document))
    } catch {
      finish(1, Data("the capability document cannot be encoded: \(error)\n".utf8), to: STDERR_FILENO)
    }
  }

  private static func usage(_ document: CapabilityDocument) -> String {
    """
    \(document.displayName) connector \(document.version), for Ascend by \(document.vendor).
    It is started by Ascend, which talks to it over standard input and output (JSON-RPC 2.0, one message a line).
      describe    print what it can do (connector.json)
      --version   print its version

    """
  }

  private static func finish(_ code: Int32, _ text: Data, to descriptor: Int32 = STDOUT_FILENO) -> Never {
    // The lines writer adds the last newline itself.
    LineWriter(descriptor: descriptor).write(text.last == 0x0A ? text.dropLast() : text)
    exit(code)
  }
}
