/// A value of the API, to be written into a request.
indirect enum VimValue: Hashable, Sendable {
  case text(String)
  case bool(Bool)
  case int(Int64)
  case reference(MoRef)
  case object(VimObject)
  /// An array: its element is repeated.
  case list([VimValue])
  /// An empty element, such as a data object of which nothing is said.
  case empty
}

/// A data object: its class and what of its properties is set, in any order. `VimOrder` knows the one in which they go.
struct VimObject: Hashable, Sendable {
  var type: String
  var fields: [String: VimValue]

  init(_ type: String, _ fields: [String: VimValue?] = [:]) {
    self.type = type
    self.fields = fields.compactMapValues { $0 }
  }

  subscript(name: String) -> VimValue? {
    get { fields[name] }
    set { fields[name] = newValue }
  }
}

extension VimValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral
{
  init(stringLiteral value: String) { self = .text(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(integerLiteral value: Int64) { self = .int(value) }
  init(arrayLiteral elements: VimValue...) { self = .list(elements) }
}
