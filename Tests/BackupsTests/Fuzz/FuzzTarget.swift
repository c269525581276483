import ConnectorProtocol
import Foundation
import Testing

@testable import Backups
@testable import Disks

/// A reader that is given thousands of damaged inputs, and the sound one that they are made from.
struct FuzzTarget: Sendable, CustomTestStringConvertible {
  var name: String
  /// Whether words and lines are changed rather than numbers in a binary header.
  var isText: Bool
  /// Makes a sound backup in the folder and returns the path of the file that is then changed.
  var prepare: @Sendable (TestFolder) async throws -> String
  /// Reads the backup whose file was changed; returns the files that it would go on to use.
  var read: @Sendable (_ changed: String, _ folder: String) async throws -> [String]

  var testDescription: String { name }

  /// A kind of backup: `changed` is the file that is damaged, `archive` whether it is the backup by itself.
  static func backup(
    _ name: String, changing changed: String, text: Bool = true, archive: Bool = false,
    _ prepare: @escaping @Sendable (TestFolder) async throws -> Void
  ) -> FuzzTarget {
    FuzzTarget(
      name: name, isText: text,
      prepare: { folder in
        try await prepare(folder)
        return folder(changed)
      },
      read: { changed, folder in
        // Without a word of it the boot disk would be looked at, by a tool.
        let options = ReadOptions(cpus: 1, firmware: ImageTools.areUsed ? nil : .bios)
        let backup = try await BackupReader.read(archive ? changed : folder, options: options)
        return backup.images.flatMap(\.files)
      })
  }

  /// An image with what it stands on: the gates, the search for parents, and the indexes that are made of it. `top` is the
  /// image where the file that is changed is a part of it.
  static func image(
    _ name: String, changing changed: String, of top: String? = nil, text: Bool = false,
    _ prepare: @escaping @Sendable (TestFolder) async throws -> Void
  ) -> FuzzTarget {
    FuzzTarget(
      name: name, isText: text,
      prepare: { folder in
        try await prepare(folder)
        return folder(changed)
      },
      read: { changed, folder in
        let path = top.map { "\(folder)/\($0)" } ?? changed
        let chain = try await DiskChain.resolve(DiskChain.parents(of: path, within: folder), within: folder)
        try await ReadableChain(chain).remove()
        return chain.layers.flatMap(\.files)
      })
  }
}
