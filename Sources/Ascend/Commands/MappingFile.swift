import ConnectorProtocol
import Foundation
import Guests
import Restore
import Support

/// The file behind `--map`: a mapping, which goes to the connector, and what is of this computer, which does not.
struct MappingFile {
  var mapping = Mapping()
  /// Of its member `keys`, a list of what `--key` takes; paths are relative to the file's folder.
  var keys: [DiskKeyReference] = []

  /// Reads nothing where no file is named.
  init(_ path: String?) throws(AscendError) {
    guard let path else { return }
    let value = try ConfigurationFile.read(path)
    mapping = try ConfigurationFile.decode(value, from: path, as: Mapping.self)
    guard let listed = value["keys"] else { return }
    let texts = try ConfigurationFile.decode(listed, from: path, as: [String].self)
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    keys = try KeyOptionGroup.references(texts, relativeTo: folder) ?? []
  }
}
