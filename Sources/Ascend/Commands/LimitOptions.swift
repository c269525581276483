public import ArgumentParser
import ConnectorProtocol
public import Restore
import Support

/// A limit as it is given: an amount, or `none`.
struct BandwidthArgument: ExpressibleByArgument, Hashable {
  /// Nil for no limit.
  var bytesPerSecond: Int64?

  init?(argument: String) {
    if argument == "none" { return }
    guard let bytes = ByteCount.parse(argument.hasSuffix("/s") ? String(argument.dropLast(2)) : argument) else {
      return nil
    }
    bytesPerSecond = bytes
  }
}

/// A number of things at once, or `none`.
struct CountArgument: ExpressibleByArgument, Hashable {
  /// Nil for no limit.
  var count: Int?

  init?(argument: String) {
    if argument == "none" { return }
    guard let count = Int(argument), (1...1000).contains(count) else { return nil }
    self.count = count
  }
}

/// A limit as people read it.
enum LimitText {
  static func bandwidth(_ limit: Int64?) -> String {
    limit.map { Format.rate(bytesPerSecond: Double($0)) } ?? "not limited"
  }

  static func count(_ limit: Int?) -> String { limit.map(String.init) ?? "not limited" }
}

extension DiskVerification: ExpressibleByArgument {}
