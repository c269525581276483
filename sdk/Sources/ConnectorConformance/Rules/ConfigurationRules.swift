import ConnectorProtocol
import Foundation

/// Configuration and inventory.
enum ConfigurationRules {
  static func run(_ bench: Bench) {
    let opened = Result { try bench.opened() }
    defer { if case .success(let conversation) = opened { conversation.finish() } }
    bench.rule("R6.1") {
      let found = try opened.get().call(ConfigValidate(connection: bench.options.connection)).diagnostics
      for blocker in found where blocker.severity == .blocker {
        throw RuleFailure("\(blocker.at ?? "/"): \(blocker.summary)")
      }
    }
    bench.rule("R6.2") {
      let properties = try bench.knownDocument().connection["properties"]?.objectValue ?? [:]
      let simple = properties.filter { ["string", "integer", "boolean"].contains($0.value["type"]?.stringValue) }
      guard let name = simple.keys.sorted().first else { throw RuleSkip("the connection has no simple property") }
      var members = bench.options.connection.objectValue ?? [:]
      members[name] = ["wrong": [true]]
      let found = try opened.get().call(ConfigValidate(connection: .object(members))).diagnostics
      let pointed = found.contains { $0.severity == .blocker && $0.at == "/\(name)" }
      try require(pointed, "an object in place of \(name) gives no blocker at /\(name)")
    }
    inventory(bench, opened)
  }

  private static func inventory(_ bench: Bench, _ opened: Result<Conversation, any Error>) {
    func list(_ request: InventoryList) throws -> InventoryList.Result {
      try opened.get().call(request, seconds: bench.patience.operation)
    }
    func topKinds() throws -> [String] {
      let kinds = try bench.knownDocument().inventory.filter { $0.parent == nil }.map(\.kind)
      guard !kinds.isEmpty else { throw RuleSkip("no kind of inventory without a parent is declared") }
      return kinds
    }
    bench.rule("R6.3") {
      for kind in try topKinds() {
        let items = try list(InventoryList(kind: kind)).items
        try require(items.allSatisfy { !$0.id.isEmpty }, "an item of kind \(kind) has no id")
        for item in items where !item.eligible && item.why == nil {
          throw RuleFailure("\(kind) \(item.id) is not eligible and nothing says why")
        }
      }
    }
    bench.rule("R6.4") {
      for kind in try topKinds() {
        let whole = try all(InventoryList(kind: kind), list)
        let pages = try all(InventoryList(kind: kind, pageSize: 1), list)
        try require(whole == pages, "\(kind): \(whole.count) at once, in pages of one \(pages.count)")
        try require(Set(whole).count == whole.count, "\(kind): two items have the same id")
      }
    }
    bench.rule("R6.5") {
      guard let kind = try topKinds().first else { return }
      let token: JSONValue = .string("not-a-token-of-this-connector")
      try opened.get().refused(InventoryList.method, ["kind": .string(kind), "pageToken": token], .pageTokenInvalid)
    }
  }

  private static func all(
    _ request: InventoryList, _ list: (InventoryList) throws -> InventoryList.Result
  ) throws -> [String] {
    var request = request
    var ids: [String] = []
    for _ in 0..<1000 {
      let page = try list(request)
      ids += page.items.map(\.id)
      guard let next = page.nextPageToken else { return ids }
      request.pageToken = next
    }
    throw RuleFailure("\(request.kind): a thousand pages and no end")
  }
}
