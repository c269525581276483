/// A managed object of the server: its type, and a value that only the server understands.
struct MoRef: Codable, Hashable, Sendable, CustomStringConvertible {
  var type: String
  var value: String

  init(_ type: String, _ value: String) {
    self.type = type
    self.value = value
  }

  /// Reads `VirtualMachine:vm-42`, as ids of inventory items and ledger entries are written.
  init?(id: String) {
    guard let colon = id.firstIndex(of: ":") else { return nil }
    self.init(String(id[..<colon]), String(id[id.index(after: colon)...]))
    guard !type.isEmpty, !value.isEmpty, type.allSatisfy({ $0.isASCII && $0.isLetter }) else { return nil }
  }

  var id: String { "\(type):\(value)" }
  var description: String { id }
}
