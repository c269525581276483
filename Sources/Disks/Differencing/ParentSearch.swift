import Foundation
import Support

/// Finds the image that a differencing VHD or VHDX stands on, among the backup's own files.
enum ParentSearch {
  private static let mostNames = 20_000

  /// The parent's path.
  ///
  /// What the child says of places is Windows paths of another computer. A relative one is tried as it is; of any, the
  /// file name is looked for beside the child and in the backup's folder. Nothing out of the folder is ever opened, and
  /// a file that has the right name but not the identifier that the child knows is not the parent.
  ///
  /// - Throws: `disk.parentMissing`, `disk.parentChanged`, and what reading the files throws.
  static func parent(of child: HyperVImage, _ format: ImageFormat, within folder: String) throws(AscendError) -> String
  {
    let path = child.window.path
    guard !child.parentIdentifiers.isEmpty else {
      throw AscendError(
        "disk.malformed", "The differencing image does not say which image it stands on", object: path,
        remedy: "Take the image from another copy of the backup")
    }
    var wrong: String?
    for candidate in candidates(child.parentNames, beside: path, within: folder) {
      guard let real = try? Confinement.resolve(candidate, within: folder) else { continue }
      guard try ImageSniffer.format(of: real) == format else {
        wrong = wrong ?? real
        continue
      }
      if child.parentIdentifiers.contains(try HyperVImage(real, format).identifier) { return real }
      wrong = wrong ?? real
    }
    if let wrong { throw changed(path, wrong) }
    let names = child.parentNames.prefix(3).map { "\"\($0.prefix(200))\"" }.joined(separator: ", ")
    throw AscendError(
      "disk.parentMissing", "The image that a differencing image stands on is not in the backup", object: path,
      cause: names.isEmpty ? "it does not say what its parent is called" : "it names \(names)",
      remedy: "Copy the parent beside it: paths out of the backup's folder are never followed")
  }

  static func changed(_ path: String, _ parent: String) -> AscendError {
    AscendError(
      "disk.parentChanged", "The image is not the one that the differencing image was made on", object: path,
      cause: "\(parent) has another identifier: it was written to afterwards, or is another disk's",
      remedy: "Take both from the same backup, or merge them where they came from")
  }

  /// Where in the backup's folder a file could be that an image names in one of `names`.
  static func candidates(_ names: [String], beside path: String, within folder: String) -> [String] {
    let beside = (path as NSString).deletingLastPathComponent
    var paths: [String] = []
    for name in names {
      let parts = name.split(whereSeparator: { $0 == "\\" || $0 == "/" }).map(String.init)
      guard let last = parts.last, Confinement.isPlainName(last) else { continue }
      let isAbsolute = name.hasPrefix("\\") || name.hasPrefix("/") || name.contains(":")
      if !isAbsolute, parts.dropLast().allSatisfy({ $0 == "." || $0 == ".." || Confinement.isPlainName($0) }) {
        paths.append(beside + "/" + parts.joined(separator: "/"))
      }
      // Increments often lie in folders of their own under one name, so that the folder's name counts first.
      if let above = parts.dropLast().last, Confinement.isPlainName(above) {
        paths.append("\(folder)/\(above)/\(last)")
      }
      for place in [beside, folder, folder + "/Virtual Hard Disks"] {
        if let found = entry(last, in: place) { paths.append(place + "/" + found) }
      }
    }
    var seen: Set<String> = []
    return paths.filter { seen.insert($0).inserted }
  }

  /// The name in `folder` as it is written there: Windows does not tell upper from lower case.
  private static func entry(_ name: String, in folder: String) -> String? {
    if FileManager.default.fileExists(atPath: folder + "/" + name) { return name }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.count > mostNames ? nil : names.sorted().first { $0.lowercased() == name.lowercased() }
  }
}
