import ArgumentParser
import Connectors
import Foundation
import Guests
import Logging
import Restore
import Support

/// The options that every command takes.
struct GlobalOptions: ParsableArguments {
  @Option(help: "The folder that holds Ascend's state. Default: $ASCEND_STATE, else $XDG_STATE_HOME/ascend.")
  var state: String?

  @Option(help: "A folder of connectors to look in first. Then: $ASCEND_CONNECTORS, and the installation's own.")
  var connectors: String?

  @Flag(help: "Write one JSON document on standard output.")
  var json = false

  @Flag(name: [.short, .long], help: "Say more on standard error.")
  var verbose = false

  func openState() throws(AscendError) -> StateDirectory {
    let state = try StateDirectory(
      path: StateDirectory.resolve(option: self.state, environment: ProcessInfo.processInfo.environment))
    Scratch.use(state.scratch)
    return state
  }

  func openStore() throws(AscendError) -> Store {
    try Store(path: openState().database)
  }

  var connectorDirectory: ConnectorDirectory {
    ConnectorDirectory(
      searchPath: Installation.connectorSearchPath(
        option: connectors, environment: ProcessInfo.processInfo.environment))
  }

  func engine() throws(AscendError) -> RestoreEngine {
    let state = try openState()
    return RestoreEngine(
      store: try Store(path: state.database), state: state, connectors: connectorDirectory, logger: logger)
  }

  /// The same for a command that may be given keys of encrypted disks on standard input.
  func engineWithKeys() throws(AscendError) -> RestoreEngine {
    var engine = try engine()
    engine.keyInput = .standardInput
    return engine
  }

  /// Logs on standard error: warnings, or everything with `--verbose`.
  var logger: Logger {
    var logger = Logger(label: "ascend") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = verbose ? .debug : .warning
    return logger
  }
}
