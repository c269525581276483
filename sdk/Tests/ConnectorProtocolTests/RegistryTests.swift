import ConnectorProtocol
import Foundation
import Testing

/// The files for machines and the Swift types say the same.
@Suite struct RegistryTests {
  struct OpenRPC: Decodable {
    struct Method: Decodable {
      var name: String
      var direction: String
      var isMandatory: Bool
      var isMutating: Bool

      private enum CodingKeys: String, CodingKey {
        case name
        case direction = "x-direction"
        case isMandatory = "x-mandatory"
        case isMutating = "x-mutating"
      }
    }
    var openrpc: String
    var methods: [Method]
  }

  struct ErrorTable: Decodable {
    struct Entry: Decodable {
      var reason: ErrorReason
      var code: Int
      var category: ErrorCategory
      var retry: Retry.Policy
      var means: String
      var host: String
    }
    var errors: [Entry]
  }

  private let openRPC = Result {
    try JSONDecoder().decode(OpenRPC.self, from: ProtocolFiles.data("v1/openrpc.json"))
  }

  @Test func requestsAreThoseOfOpenRPC() throws {
    let listed = try openRPC.get().methods.filter { !$0.name.hasPrefix("$/") }
    #expect(Set(listed.map(\.name)) == Set(MessageRegistry.requests.map { $0.method }))
    #expect(listed.count == MessageRegistry.requests.count)
    for request in MessageRegistry.requests {
      let method = try #require(listed.first { $0.name == request.method })
      #expect(method.isMandatory == request.isMandatory, "\(request.method)")
      #expect(method.isMutating == request.isMutating, "\(request.method)")
      #expect(method.direction == MessageDirection.hostToConnector.rawValue)
    }
  }

  @Test func notificationsAreThoseOfOpenRPC() throws {
    let listed = try openRPC.get().methods.filter { $0.name.hasPrefix("$/") }
    #expect(Set(listed.map(\.name)) == Set(MessageRegistry.notifications.map { $0.method }))
    for notification in MessageRegistry.notifications {
      let method = try #require(listed.first { $0.name == notification.method })
      #expect(method.direction == notification.direction.rawValue, "\(notification.method)")
    }
  }

  @Test func openRPCIsOfVersion14() throws {
    #expect(try openRPC.get().openrpc.hasPrefix("1.4"))
  }

  @Test func errorReasonsAreThoseOfTheTable() throws {
    let table = try JSONDecoder().decode(ErrorTable.self, from: ProtocolFiles.data("v1/errors.json")).errors
    #expect(table.map(\.reason) == ErrorReason.table.map(\.reason))
    for (listed, entry) in zip(table, ErrorReason.table) {
      #expect(listed.code == entry.code, "\(entry.reason)")
      #expect(listed.category == entry.category, "\(entry.reason)")
      #expect(listed.retry == entry.retry, "\(entry.reason)")
      #expect(!listed.means.isEmpty && !listed.host.isEmpty, "\(entry.reason)")
    }
    #expect(Set(table.map(\.code)).count == table.count)
  }

  /// The page shows the table of errors.json, line by line.
  @Test func thePageShowsTheErrorTable() throws {
    let page = String(decoding: try ProtocolFiles.data("README.md"), as: UTF8.self)
    for entry in try JSONDecoder().decode(ErrorTable.self, from: ProtocolFiles.data("v1/errors.json")).errors {
      let facts = "| \(entry.code) | `\(entry.reason)` | \(entry.category) | \(entry.retry) |"
      #expect(page.contains("\(facts) \(entry.means) | \(entry.host) |"), "\(entry.reason)")
    }
  }

  @Test func thePageNamesEveryMethod() throws {
    let page = String(decoding: try ProtocolFiles.data("README.md"), as: UTF8.self)
    for name in MessageRegistry.requests.map({ $0.method }) + MessageRegistry.notifications.map({ $0.method }) {
      #expect(page.contains("### `\(name)`"), "\(name) has no section")
    }
  }
}
