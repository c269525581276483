import ArgumentParser
import ConnectorProtocol
import Connectors
import Support

struct ConnectorsList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The connectors found, without running them.")

  @OptionGroup var options: GlobalOptions

  struct Output: Encodable {
    var connectors: [Entry]
    var problems: [AscendError]

    struct Entry: Encodable {
      var id: String
      var displayName: String
      var version: String
      var vendor: String
      var folder: String
    }
  }

  func run() throws {
    let found = options.connectorDirectory.discover()
    let entries = found.installations.map {
      Output.Entry(
        id: $0.id, displayName: $0.document.displayName, version: $0.document.version, vendor: $0.document.vendor,
        folder: $0.folder)
    }
    guard !options.json else { return try Console.json(Output(connectors: entries, problems: found.problems)) }
    var table = Table(["id", "name", "version", "vendor", "folder"])
    for entry in entries { table.add([entry.id, entry.displayName, entry.version, entry.vendor, entry.folder]) }
    Console.out(table.text)
    for problem in found.problems { Console.note("warning: \(problem)") }
  }
}
