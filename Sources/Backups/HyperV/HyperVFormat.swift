import Foundation
import Support

/// An exported Hyper-V machine: a folder with `Virtual Machines`, `Virtual Hard Disks` and `Snapshots`.
enum HyperVFormat: BackupFormat {
  static let name = "a Hyper-V export, its .vmcx or .xml"
  static let machines = "Virtual Machines"
  static let snapshots = "Snapshots"

  static func detect(_ location: BackupLocation) throws(AscendError) -> (any BackupSource)? {
    guard location.archive == nil else { return nil }
    guard !location.isFolder else { return try folder(location) }
    guard isConfiguration(location.head) else { return nil }
    let inside = (location.folder as NSString).lastPathComponent.lowercased()
    let isPart = [machines, snapshots].contains { $0.lowercased() == inside }
    let root = isPart ? (location.folder as NSString).deletingLastPathComponent : location.folder
    let name = String(location.path.dropFirst(root == "/" ? 1 : root.utf8.count + 1))
    guard let file = try FolderFiles(folder: root).file(name) else { return nil }
    return HyperVReader(folder: root, file: file, options: location.options)
  }

  /// A folder that is an export, or its `Virtual Machines`.
  private static func folder(_ location: BackupLocation) throws(AscendError) -> HyperVReader? {
    let inside = (location.folder as NSString).lastPathComponent.lowercased() == machines.lowercased()
    let root = inside ? (location.folder as NSString).deletingLastPathComponent : location.folder
    let part = inside ? location.folder : subfolder(machines, of: root)
    for place in [part, inside ? nil : root].compactMap(\.self) {
      let found = try configurations(in: place, root: root)
      guard
        let chosen = try location.choose(found.map { ($0.name as NSString).lastPathComponent }, of: "Hyper-V machines")
      else { continue }
      guard let file = found.first(where: { ($0.name as NSString).lastPathComponent == chosen }) else { continue }
      return HyperVReader(folder: root, file: file, options: location.options)
    }
    return nil
  }

  /// The folder called `name` in any case, if there is one.
  static func subfolder(_ name: String, of folder: String) -> String? {
    let names = (try? BackupLocation.names(in: folder)) ?? []
    guard let found = names.first(where: { $0.lowercased() == name.lowercased() }) else { return nil }
    var isFolder: ObjCBool = false
    let path = folder + "/" + found
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue ? path : nil
  }

  /// The configurations in `place`, by their names below `root`.
  static func configurations(in place: String, root: String) throws(AscendError) -> [BackupFile] {
    var found: [BackupFile] = []
    for name in try BackupLocation.names(in: place)
    where [".vmcx", ".xml"].contains(where: name.lowercased().hasSuffix) {
      let relative = String((place + "/" + name).dropFirst(root == "/" ? 1 : root.count + 1))
      guard let file = try FolderFiles(folder: root).file(relative),
        isConfiguration(try FileSlice(file.path).read(at: 0, count: 4096))
      else { continue }
      found.append(file)
    }
    return found
  }

  static func isConfiguration(_ head: [UInt8]) -> Bool {
    if HyperVStorage.isStorage(head) { return true }
    return HyperVText.utf8(head).map { HeadSniffer.xmlRoot($0) == "configuration" } ?? false
  }
}
