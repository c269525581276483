import ConnectorProtocol
import Foundation

/// Facts of a region that seldom change, kept in the target's state folder for an hour: reading them takes EC2 a dozen
/// pages, and every process of a restore needs them.
struct FactFile: Sendable {
  private static let fresh: Double = 3600

  /// Nil where there is no folder: then nothing is kept.
  var folder: String?
  /// Whose facts they are: region and endpoint.
  var owner: String

  func read<T: Decodable>(_ name: String, _ type: T.Type, now: Date = Date()) -> T? {
    guard let path = path(name),
      let modified = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate],
      let date = modified as? Date, abs(now.timeIntervalSince(date)) < Self.fresh,
      let data = try? Data(contentsOf: URL(filePath: path))
    else { return nil }
    return try? JSONDecoder().decode(type, from: data)
  }

  /// What cannot be kept is read again the next time.
  func write(_ name: String, _ value: some Encodable) {
    guard let path = path(name), let data = try? CanonicalJSON.encode(value) else { return }
    try? data.write(to: URL(filePath: path), options: .atomic)
  }

  private func path(_ name: String) -> String? {
    folder.map { "\($0)/facts-\(SHA256.hex(SHA256.hash(Data((owner + "\u{0}" + name).utf8))).prefix(24)).json" }
  }
}
