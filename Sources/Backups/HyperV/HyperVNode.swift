import Foundation

/// A node of a Hyper-V configuration, whichever of its two forms it was read from: a value, or nodes with names.
struct HyperVNode {
  enum Value: Equatable {
    case text(String)
    case integer(Int64)
    case flag(Bool)
    /// A few bytes, such as a point in time.
    case bytes([UInt8])
    /// Long runs of bytes, floating point numbers: of no use here, but there.
    case other
  }

  struct Child {
    var name: String
    var node: HyperVNode
  }

  var value: Value?
  /// In their order.
  var children: [Child] = []

  /// The child called `name`, in any case.
  subscript(_ name: String) -> HyperVNode? {
    let wanted = name.lowercased()
    return children.first { $0.name.lowercased() == wanted }?.node
  }

  /// The node at `path`, its names separated by slashes.
  func at(_ path: String) -> HyperVNode? {
    path.split(separator: "/").reduce(Optional(self)) { $0?[String($1)] }
  }

  func text(_ path: String) -> String? {
    guard case .text(let text)? = at(path)?.value, !text.isEmpty else { return nil }
    return text
  }

  func integer(_ path: String) -> Int64? {
    switch at(path)?.value {
    case .integer(let number): number
    case .text(let text): Int64(text)
    default: nil
    }
  }

  func flag(_ path: String) -> Bool? {
    switch at(path)?.value {
    case .flag(let flag): flag
    case .integer(let number): number != 0
    case .text(let text): ["true": true, "false": false][text.lowercased()]
    default: nil
    }
  }

  /// A point in time as Windows counts it: tenths of a microsecond since 1601, in eight bytes.
  func date(_ path: String) -> Date? {
    guard case .bytes(let bytes)? = at(path)?.value, bytes.count == 8, let ticks = bytes.number(UInt64.self, at: 0),
      ticks > 0, ticks < 1 << 61
    else { return nil }
    return Date(timeIntervalSince1970: Double(ticks / 10_000) / 1000 - 11_644_473_600)
  }

  /// Every value below, with its path.
  func leaves(_ path: String = "") -> [(path: String, value: Value)] {
    if let value { return [(path, value)] }
    return children.flatMap { $0.node.leaves(path.isEmpty ? $0.name : "\(path)/\($0.name)") }
  }
}
