import ConnectorProtocol
import Foundation
import Support

/// The digests that lie beside a backup's images, as `sha256sum` and its relatives write them.
enum ChecksumFiles {
  private static let longest = 4 << 20
  private static let algorithms: [RecordedDigest.Algorithm] = [.sha1, .sha256, .sha512]
  /// `SHA256SUMS`, and what else such lists are called.
  private static let wholeNames = Set(
    algorithms.flatMap { ["\($0)sums", "\($0)sum", "\($0)sums.txt", "\($0)sum.txt"] })

  /// The digests of the images on `shelf`; of other files there is nothing to say.
  ///
  /// - Throws: `backup.manifestMalformed`.
  static func digests(_ location: BackupLocation, of shelf: ImageShelf) throws(AscendError) -> [RecordedDigest] {
    let lists = location.names.filter { name in
      let lower = name.lowercased()
      return wholeNames.contains(lower) || algorithms.contains { lower.hasSuffix(".\($0)") }
    }
    var digests: [RecordedDigest] = []
    for list in lists {
      guard let file = try location.files.file(list) else { continue }
      let text = String(decoding: try file.contents(limit: longest), as: UTF8.self)
      for line in text.split(whereSeparator: \.isNewline) {
        guard let (value, name) = try parse(line[...].trimmingSpaces(), list, file.path) else { continue }
        guard let image = shelf.images.first(where: { $0.name == name }),
          let algorithm = algorithms.first(where: { $0.digits == value.utf8.count })
        else { continue }
        digests.append(
          RecordedDigest(
            member: image.name, path: image.path, length: try FileSlice(image.path).length,
            algorithm: algorithm, value: value))
      }
    }
    return digests
  }

  /// `hex  name`, `hex *name`, `SHA256 (name) = hex`, or nothing but the digest in a file called after its image.
  private static func parse(_ line: Substring, _ list: String, _ path: String) throws(AscendError)
    -> (value: String, name: String)?
  {
    guard !line.isEmpty, !line.hasPrefix("#") else { return nil }
    if let open = line.firstIndex(of: "("), let equals = line.lastIndex(of: "="), open < equals,
      let close = line[..<equals].lastIndex(of: ")"), open < close
    {
      let value = line[line.index(after: equals)...].trimmingSpaces()
      return (try checked(value, path), clean(line[line.index(after: open)..<close]))
    }
    let value = line.prefix { !$0.isWhitespace }
    let rest = line.dropFirst(value.count).trimmingSpaces()
    let own = (list as NSString).deletingPathExtension
    return (try checked(value, path), rest.isEmpty ? own : clean(rest.hasPrefix("*") ? rest.dropFirst() : rest))
  }

  private static func checked(_ value: Substring, _ path: String) throws(AscendError) -> String {
    let value = value.lowercased()
    guard algorithms.contains(where: { $0.digits == value.utf8.count }),
      value.utf8.allSatisfy({ "0123456789abcdef".utf8.contains($0) })
    else {
      throw AscendError(
        "backup.manifestMalformed", "A list of digests beside the backup is not valid", object: path,
        cause: "\"\(value.prefix(80))\" is no SHA-1, SHA-256 or SHA-512",
        remedy: "Make it again with sha256sum, or remove it")
    }
    return value
  }

  private static func clean(_ name: Substring) -> String {
    name.hasPrefix("./") ? String(name.dropFirst(2)) : String(name)
  }
}
