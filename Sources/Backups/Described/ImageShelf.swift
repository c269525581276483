import Disks
import Foundation
import Support

/// The disk images in a backup's folder and the folders in it, by their names.
struct ImageShelf: Sendable {
  struct Image: Hashable, Sendable {
    /// Relative to the folder.
    var name: String
    /// Real, within the folder.
    var path: String
    var format: ImageFormat
  }

  var images: [Image]
  let folder: String

  private static let deepest = 3
  private static let mostFiles = 20_000
  /// What is never a disk, whatever its content.
  private static let otherKinds: Set<String> = [
    "json", "xml", "txt", "md", "log", "yaml", "yml", "csv", "sha1", "sha256", "sha512", "md5", "mf", "ovf", "cert",
    "nvram", "iso", "tmp", "part", "py", "sh", "gz", "zip", "tar", "ova", "sig", "asc", "html", "cfg", "conf", "ini",
  ]
  private static let rawKinds: Set<String> = ["raw", "img", "dd", "bin", "image", "disk", ""]
  private static let smallestRaw: Int64 = 64 << 10

  /// - Parameter only: Names to look at and no others.
  /// - Throws: `backup.unreadable`, `backup.tooLarge`, `disk.outsideBackup`.
  init(_ folder: String, only: [String]? = nil) throws(AscendError) {
    self.folder = folder
    var names = only ?? []
    if only == nil { try Self.list(folder, "", 0, &names) }
    images = []
    for name in names {
      if let image = try Self.image(name, folder) { images.append(image) }
    }
    let known = Set(images.map(\.name))
    images.removeAll { Self.isExtent($0.name, beside: known) }
  }

  private static func list(_ folder: String, _ prefix: String, _ depth: Int, _ names: inout [String])
    throws(AscendError)
  {
    for name in try BackupLocation.names(in: prefix.isEmpty ? folder : folder + "/" + prefix) where !name.hasPrefix(".")
    {
      let relative = prefix.isEmpty ? name : prefix + "/" + name
      var status = stat()
      guard lstat(folder + "/" + relative, &status) == 0 else { continue }
      // A link to a folder is not followed: it could lead round in circles.
      if status.st_mode & S_IFMT == S_IFDIR {
        if depth < deepest { try list(folder, relative, depth + 1, &names) }
      } else {
        names.append(relative)
      }
      guard names.count <= mostFiles else {
        throw AscendError(
          "backup.tooLarge", "The backup's folder holds more than \(mostFiles) files", object: folder,
          remedy: "Move the backup into a folder of its own")
      }
    }
  }

  /// The image in a file, or nil where it is none.
  private static func image(_ name: String, _ folder: String) throws(AscendError) -> Image? {
    let kind = (name as NSString).pathExtension.lowercased()
    guard !otherKinds.contains(kind) else { return nil }
    var status = stat()
    guard stat(folder + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    let path = try Confinement.resolve(folder + "/" + name, within: folder)
    // What calls itself raw is raw: a guest can write any header into its own disk.
    if kind == "raw" { return Image(name: name, path: path, format: .raw) }
    if let format = try ImageSniffer.format(of: path) { return Image(name: name, path: path, format: format) }
    let size = Int64(status.st_size)
    let isRaw = rawKinds.contains(kind) || !kind.contains { $0.isLetter }
    guard isRaw, size >= smallestRaw, size % 512 == 0 else { return nil }
    return Image(name: name, path: path, format: .raw)
  }

  /// Whether it is a piece of a VMDK in several files, whose descriptor is there too.
  private static func isExtent(_ name: String, beside known: Set<String>) -> Bool {
    let stem = name.lowercased()
    guard stem.hasSuffix(".vmdk") else { return false }
    guard let match = stem.firstMatch(of: #/-([sf]\d{3}|flat|delta|sesparse)\.vmdk$/#) else { return false }
    return known.contains(name.prefix(name.count - stem[match.range].count) + ".vmdk")
  }

  /// The images whose names hold `identifier` as a word of its own.
  func images(namedAfter identifier: String) -> [Image] {
    guard let word = NameWord(identifier) else { return [] }
    return images.filter { word.place(in: $0.name) != nil }
  }
}
