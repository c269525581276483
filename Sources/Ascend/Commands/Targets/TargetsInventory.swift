import ArgumentParser
import ConnectorProtocol
import Connectors
import Restore
import Support

struct TargetsInventory: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inventory", abstract: "What there is on the target to map onto.")

  @OptionGroup var options: GlobalOptions

  @Argument(help: "The target's name.")
  var name: String

  @Option(help: "Only things of this kind: network, storage …")
  var kind: String?

  func run() async throws {
    let engine = try options.engine()
    let inventory = try await engine.inventory(engine.store.target(name), kind: kind)
    guard !options.json else { return try Console.json(inventory) }
    var table = Table(["kind", "id", "name", "attributes"])
    for (kind, items) in inventory.sorted(by: { $0.key < $1.key }) {
      for item in items {
        let attributes = item.attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.text($0.value))" }
        let why = item.eligible ? "" : " (cannot be chosen: \(item.why ?? "no reason given"))"
        table.add([kind, item.id, item.name, attributes.joined(separator: " ") + why])
      }
    }
    Console.out(table.text)
  }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): text
    case .integer(let number): String(number)
    case .bool(let flag): String(flag)
    default: (try? CanonicalJSON.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
  }
}
