import ConnectorProtocol
import Disks
import Foundation
import Support

/// One disk image, several that are named in order, or a folder with nothing but disks.
enum BareDisksFormat: BackupFormat {
  static let name = "disk images alone"

  private static let mostDisks = 64

  static func detect(_ location: BackupLocation) throws(AscendError) -> (any BackupSource)? {
    guard location.archive == nil else { return nil }
    let named = location.options.disks ?? []
    var reader = BareDisksReader(location: location, paths: [], folder: location.folder)
    if location.isFolder {
      guard named.isEmpty else { return nil }
      // Images in folders of this one may be anything: whoever means them names them.
      let shelf = try ImageShelf(location.folder, only: location.names.filter { !$0.hasPrefix(".") })
      reader.paths = try BareDisks.tops(of: shelf).map(\.path)
    } else {
      reader.paths = try ([location.path] + named).map { (path) throws(AscendError) in try real(path) }
      reader.folder = named.isEmpty ? location.folder : common(reader.paths)
      for path in reader.paths where try image(path) == nil {
        guard path != location.path || !named.isEmpty else { return nil }
        throw AscendError(
          "backup.notRecognised", "One of the disks is no disk image", object: path,
          cause: "it has the marks of no image format, and is called after none",
          remedy: "Name a qcow2, VMDK, VHD, VHDX or raw image")
      }
    }
    guard !reader.paths.isEmpty else { return nil }
    guard reader.paths.count <= mostDisks else {
      throw AscendError(
        "backup.tooLarge", "The folder holds \(reader.paths.count) disks", object: location.path,
        remedy: "Name the disks of one machine, at most \(mostDisks), in their order")
    }
    guard Set(reader.paths).count == reader.paths.count else {
      throw AscendError(
        "backup.ambiguous", "A disk is named twice", object: location.path, remedy: "Name each disk once, in order")
    }
    return reader
  }

  private static func real(_ path: String) throws(AscendError) -> String {
    guard let found = realpath(path, nil) else {
      throw AscendError.system(
        "backup.notFound", "The disk cannot be found", object: path, errno: errno, remedy: "Check the path")
    }
    defer { free(found) }
    return String(cString: found)
  }

  static func image(_ path: String) throws(AscendError) -> ImageShelf.Image? {
    let folder = (path as NSString).deletingLastPathComponent
    return try ImageShelf(folder, only: [(path as NSString).lastPathComponent]).images.first
  }

  /// The deepest folder that holds all of the disks: whoever named them knows where they are.
  private static func common(_ paths: [String]) -> String {
    let folders = paths.map { $0.split(separator: "/").dropLast() }
    let common = folders.dropFirst().reduce(folders[0]) { common, folder in
      zip(common, folder).prefix { $0 == $1 }.map(\.0)[...]
    }
    return "/" + common.joined(separator: "/")
  }
}
