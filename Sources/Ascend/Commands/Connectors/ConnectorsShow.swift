import ArgumentParser
import ConnectorProtocol
import Connectors
import Support

struct ConnectorsShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "What a connector declares: its capability document.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The platform.")
  var platform: String

  func run() throws {
    let installation = try options.connectorDirectory.find(platform)
    let document = installation.document
    guard !options.json else { return try Console.json(document) }
    var lines = [
      "\(document.displayName) (\(document.id)) \(document.version), by \(document.vendor)",
      "  executable   \(installation.executable)",
      "  protocol     \(document.protocolVersions.map(String.init).joined(separator: ", "))",
      "  boots        \(document.boot.map { "\($0.firmware) on \($0.arch)" }.joined(separator: ", "))",
      "  controllers  \(document.controllers.map(\.id).joined(separator: ", "))",
      "  nics         \(document.nics.map(\.model).joined(separator: ", "))",
      "  checks       \(document.verify.joined(separator: ", "))",
    ]
    for form in document.disks.accepts {
      let format = form.subformat.map { "\(form.format) (\($0))" } ?? form.format
      lines.append("  takes disks  \(format) by \(form.access.joined(separator: ", "))")
    }
    for source in document.sources ?? [] { lines.append("  reads        \(source.title), \(source.example)") }
    if let properties = document.connection["properties"]?.objectValue, !properties.isEmpty {
      lines.append("  configuration")
      for (name, property) in properties.sorted(by: { $0.key < $1.key }) {
        lines.append("    \(name): \(property["description"]?.stringValue ?? property["title"]?.stringValue ?? "")")
      }
    }
    Console.out(lines.joined(separator: "\n"))
  }
}
