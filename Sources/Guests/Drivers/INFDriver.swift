import Foundation

/// What an INF file installs on one Windows.
struct INFDriver: Sendable, Hashable {
  /// A service that the driver runs as.
  struct Service: Sendable, Hashable {
    var name: String
    /// 1 is a driver of the kernel.
    var type: UInt32
    var errorControl: UInt32
    /// The file's name where it is installed.
    var binary: String
    /// The file's name in the package.
    var source: String
    var group: String?
    /// What it finds below its own key: the key's parts, the name and the value.
    var parameters: [Parameter]
    /// True for the one that drives the device, false for helpers.
    var drivesDevice: Bool
  }

  struct Parameter: Sendable, Hashable {
    var key: [String]
    var name: String
    var value: RegistryValue
  }

  /// An id of a device, and the service that drives it.
  struct Device: Sendable, Hashable {
    /// `PCI\VEN_1AF4&DEV_1001&SUBSYS_00021AF4&REV_00`
    var id: String
    var service: String
    /// The first id of a line names the device; what follows are ids that it is compatible with.
    var compatible: Bool
  }

  var infName: String
  var deviceClass: String
  /// `{4D36E97B-E325-11CE-BFC1-08002BE10318}`
  var classGUID: String
  var provider: String
  var version: DriverVersion
  var catalog: String?
  var services: [Service]
  var devices: [Device]
  /// Every file of the package, relative to the INF file's folder, with `/`.
  var files: [String]
  var decoration: INFDecoration?

  func service(_ name: String) -> Service? {
    services.first { $0.name.caseInsensitiveCompare(name) == .orderedSame }
  }
}

/// Reads what an INF file installs on one Windows.
struct INFReader {
  let document: INFDocument
  let windows: WindowsTarget

  /// - Returns: Nil where the file has nothing for this Windows.
  func driver(_ infName: String) -> INFDriver? {
    let (models, decoration) = models()
    guard !models.isEmpty else { return nil }
    var services: [INFDriver.Service] = []
    var devices: [INFDriver.Device] = []
    for model in models {
      let found = self.services(of: model.install)
      for service in found where !services.contains(where: { $0.name == service.name }) { services.append(service) }
      guard let driving = found.first(where: \.drivesDevice) ?? found.first else { continue }
      for (place, id) in model.ids.enumerated() {
        let device = INFDriver.Device(id: id.uppercased(), service: driving.name, compatible: place > 0)
        if !devices.contains(where: { $0.id == device.id }) { devices.append(device) }
      }
    }
    return INFDriver(
      infName: infName, deviceClass: document.value("version", "class") ?? "",
      classGUID: (document.value("version", "classguid") ?? "").uppercased(),
      provider: document.value("version", "provider") ?? "",
      version: DriverVersion(document.lines("version", key: "driverver").first?.values ?? []), catalog: catalog,
      services: services, devices: devices, files: files(infName), decoration: decoration)
  }

  // MARK: Models

  private func models() -> (models: [(install: String, ids: [String])], decoration: INFDecoration?) {
    var models: [(String, [String])] = []
    var chosen: INFDecoration?
    for line in document.lines("manufacturer") {
      // `%maker%` alone names the section as well.
      let base = line.value(0) ?? line.key
      guard let base else { continue }
      let decorations = line.values.dropFirst().compactMap { INFDecoration($0) }.filter { $0.fits(windows) }
      let best = decorations.max { $0.rank.lexicographicallyPrecedes($1.rank) }
      // A line that names decorations has no other models; one without is for 32-bit Windows.
      if best == nil, line.values.dropFirst().contains(where: { !$0.isEmpty }) || windows.architecture != .x86 {
        continue
      }
      let section = best.map { "\(base).\($0.text)" } ?? base
      chosen = best ?? chosen
      for model in document.lines(section) {
        guard let install = model.value(0) else { continue }
        models.append((install, model.values.dropFirst().filter { !$0.isEmpty }))
      }
    }
    return (models, chosen)
  }

  /// The section `base` for this Windows: the best decorated one, else the plain one.
  private func section(_ base: String, suffix: String = "") -> String? {
    let base = base.lowercased()
    var best: (name: String, rank: [Int])?
    for name in document.sections.keys where name.hasPrefix(base + ".nt") && name.hasSuffix(suffix) {
      let middle = name.dropFirst(base.count + 1).dropLast(suffix.count)
      guard var decoration = INFDecoration(String(middle)) else { continue }
      let rank = decoration.rank
      // Here no architecture means any.
      if decoration.architecture == nil { decoration.architecture = windows.architecture }
      guard decoration.fits(windows), best.map({ $0.rank.lexicographicallyPrecedes(rank) }) ?? true else { continue }
      best = (name, rank)
    }
    return best?.name ?? (document.has(base + suffix) ? base + suffix : nil)
  }

  // MARK: Services

  private func services(of install: String) -> [INFDriver.Service] {
    guard let section = section(install, suffix: ".services") else { return [] }
    return document.lines(section, key: "addservice").compactMap { line in
      guard let name = line.value(0), let details = line.value(2) else { return nil }
      guard let path = document.value(details, "servicebinary") else { return nil }
      let binary = path.split(whereSeparator: { $0 == "\\" || $0 == "/" }).last.map(String.init) ?? ""
      guard Self.isPlain(binary), Self.isPlain(name) else { return nil }
      let flags = line.value(1).flatMap(Self.number) ?? 0
      return INFDriver.Service(
        name: name, type: document.value(details, "servicetype").flatMap(Self.number) ?? 1,
        errorControl: document.value(details, "errorcontrol").flatMap(Self.number) ?? 1, binary: binary,
        source: source(of: binary, install), group: document.value(details, "loadordergroup"),
        parameters: parameters(details), drivesDevice: flags & 2 != 0)
    }
  }

  /// The name in the package of a file that is installed as `binary`.
  private func source(of binary: String, _ install: String) -> String {
    guard let section = section(install) else { return binary }
    for list in document.lines(section, key: "copyfiles").flatMap(\.values) where !list.hasPrefix("@") {
      for line in document.lines(list) {
        guard line.key == nil, let target = line.value(0), let source = line.value(1) else { continue }
        if target.caseInsensitiveCompare(binary) == .orderedSame, Self.isPlain(source) { return source }
      }
    }
    return binary
  }

  private func parameters(_ details: String) -> [INFDriver.Parameter] {
    document.lines(details, key: "addreg").flatMap(\.values).flatMap { document.lines($0) }.compactMap { line in
      let values = (line.key.map { [$0] } ?? []) + line.values
      guard values.first?.uppercased() == "HKR", values.count >= 3 else { return nil }
      let key = values[1].split(separator: "\\").map(String.init)
      guard key.allSatisfy({ !$0.isEmpty }), key.count <= 8 else { return nil }
      let flags = values.count > 3 ? Self.number(values[3]) ?? 0 : 0
      // 0x10 makes the key and no value.
      guard flags & 0x10 == 0, let value = Self.value(flags, Array(values.dropFirst(4))) else { return nil }
      return INFDriver.Parameter(key: key, name: values[2], value: value)
    }
  }

  private static func value(_ flags: UInt32, _ data: [String]) -> RegistryValue? {
    switch flags & 0xffff_0001 {
    case 0x0001_0001:
      guard let number = data.first.flatMap(number) else { return nil }
      return .dword(number)
    case 0x0000_0000: return .string(data.first ?? "")
    case 0x0002_0000: return .expandString(data.first ?? "")
    case 0x0001_0000: return .multiString(data.filter { !$0.isEmpty })
    case 0x0000_0001: return .binary(data.compactMap { UInt8($0, radix: 16) })
    default: return nil
    }
  }

  static func number(_ text: String) -> UInt32? {
    let lower = text.lowercased()
    return lower.hasPrefix("0x") ? UInt32(lower.dropFirst(2), radix: 16) : UInt32(lower)
  }

  // MARK: Files

  private var catalog: String? {
    let architecture = windows.architecture.rawValue
    for key in ["catalogfile.nt\(architecture)", "catalogfile.nt", "catalogfile"] {
      if let name = document.value("version", key), Self.isPlain(name) { return name }
    }
    return nil
  }

  private func files(_ infName: String) -> [String] {
    var files = [infName] + (catalog.map { [$0] } ?? [])
    let architecture = windows.architecture.rawValue
    var folders: [String: String] = [:]
    for name in ["sourcedisksnames", "sourcedisksnames.\(architecture)"] {
      for line in document.lines(name) { if let key = line.key { folders[key] = line.value(3) ?? "" } }
    }
    for name in ["sourcedisksfiles.\(architecture)", "sourcedisksfiles"] {
      for line in document.lines(name) {
        guard let file = line.key ?? line.value(0) else { continue }
        let disk = line.key == nil ? nil : line.value(0)
        let path = [disk.flatMap { folders[$0] } ?? "", (line.key == nil ? nil : line.value(1)) ?? "", file]
        let parts = path.joined(separator: "\\").split(whereSeparator: { $0 == "\\" || $0 == "/" }).map(String.init)
        guard parts.allSatisfy(Self.isPlain), !parts.isEmpty else { continue }
        let relative = parts.joined(separator: "/")
        if !files.contains(where: { $0.lowercased().hasSuffix(file.lowercased()) }) { files.append(relative) }
      }
    }
    return files
  }

  /// Names become parts of paths, of registry keys and of command lines: nothing that leads elsewhere is taken.
  static func isPlain(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 128 && name != "." && name != ".."
      && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && !"\\/:*?\"<>|%;&^!".unicodeScalars.contains($0) }
  }
}
