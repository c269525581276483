import Disks
import Foundation
import Support

/// Finds the files that a backup names by the paths that they had on the computer it was taken on.
struct SourceLocator: Sendable {
  /// The backup's folder, which no file may leave.
  var folder: String
  /// How many folders of the old path are looked for as well: what lay below one may have been copied with it.
  private static let deepest = 4

  init(_ folder: String) { self.folder = folder }

  /// The real path of the file that was at `path`, or nil where the backup does not hold it.
  ///
  /// The longest end of the path that exists below the folder counts: `vms/web/disk.vmdk` before `disk.vmdk`. Either
  /// kind of separator is understood. Windows names are looked for in any case.
  ///
  /// - Parameter below: A folder of the backup, relative to it, that a relative path starts from.
  /// - Throws: `disk.outsideBackup`.
  func find(_ path: String, below: String? = nil) throws(AscendError) -> String? {
    let parts = path.split(whereSeparator: { $0 == "/" || $0 == "\\" }).map(String.init)
    let usable = parts.reversed().prefix { Confinement.isPlainName($0) }.prefix(Self.deepest + 1).reversed()
    let tail = Array(usable)
    guard !tail.isEmpty else { return nil }
    let starts = below.map { [folder + "/" + $0, folder] } ?? [folder]
    for count in stride(from: tail.count, through: 1, by: -1) {
      for start in starts {
        if let found = try existing(tail.suffix(count), below: start) { return found }
      }
    }
    return nil
  }

  private func existing(_ parts: ArraySlice<String>, below start: String) throws(AscendError) -> String? {
    var place = start
    for part in parts {
      guard let name = Self.entry(part, in: place) else { return nil }
      place += "/" + name
    }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: place, isDirectory: &isFolder), !isFolder.boolValue else { return nil }
    return try Confinement.resolve(place, within: folder)
  }

  /// The name as it is written in `folder`.
  private static func entry(_ name: String, in folder: String) -> String? {
    if FileManager.default.fileExists(atPath: folder + "/" + name) { return name }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.count > 20_000 ? nil : names.sorted().first { $0.lowercased() == name.lowercased() }
  }

  /// The error for a disk whose image is not there.
  static func missing(_ label: String, _ path: String, in object: String) -> AscendError {
    AscendError(
      "backup.diskMissing", "The image of the disk \"\(label.prefix(80))\" is not in the backup", object: object,
      cause: "it was at \"\(path.prefix(200))\"",
      remedy: "Copy the image into the backup's folder; files out of it are never opened")
  }
}
