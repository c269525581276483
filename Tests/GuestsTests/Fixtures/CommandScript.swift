import Foundation

@testable import Guests

/// Interprets the few words of Windows' command processor that the scripts of the first start use, on files in memory.
/// A word that it does not know is an error: the scripts keep to these.
final class CommandScript {
  /// What a step does when it is run.
  enum Behaviour {
    case ends(Int)
    case hangs
    /// The machine goes down with it.
    case crashes
  }

  struct MachineDown: Error {}
  struct NotUnderstood: Error { var line: String }

  static let base = "C:\\Windows\\Ascend"

  /// By their paths in small letters.
  var files: [String: String] = [:]
  var behaviours: [String: Behaviour] = [:]
  var runs = 0
  var isDisabled = false
  var restarts = 0
  var seconds = 0
  /// The steps in the order in which they were begun, those that were stopped, and what was on record when each began.
  var begun: [String] = []
  var stopped: [String] = []
  var attemptsAtBegin: [[String]] = []
  /// A volume that takes no files there.
  var refusing: String?

  private var variables: [String: String] = [:]
  private var code = 0

  private enum Flow: Equatable {
    case next
    case jump(String)
    case end(Int)
  }

  init(_ boot: FirstBoot) { install(boot) }

  func install(_ boot: FirstBoot) {
    for (name, bytes) in boot.files {
      files[Self.key("C:\\Windows\\" + name.replacing("/", with: "\\"))] = String(decoding: bytes, as: UTF8.self)
    }
  }

  var log: String { files[Self.key("\(Self.base)\\firstboot.log")] ?? "" }

  /// The names in a folder, without their endings, in order.
  func names(_ folder: String) -> [String] {
    matching("\(Self.base)\\\(folder)\\*.cmd").map { Self.name($0).replacing(".cmd", with: "") }
  }

  /// One start of the machine; false where it went down.
  func start() throws -> Bool {
    variables = ["systemroot": "C:\\Windows", "date": "today", "time": "now"]
    do {
      _ = try run("\(Self.base)\\firstboot.cmd", [])
      return true
    } catch is MachineDown {
      return false
    }
  }

  // MARK: Lines

  private func run(_ path: String, _ arguments: [String], from label: String? = nil) throws -> Int {
    guard let text = files[Self.key(path)] else { throw NotUnderstood(line: path) }
    let lines = text.components(separatedBy: "\r\n")
    func target(_ label: String) throws -> Int {
      guard let place = lines.firstIndex(where: { $0.lowercased() == ":\(label.lowercased())" }) else {
        throw NotUnderstood(line: "goto \(label)")
      }
      return place
    }
    var place = try label.map(target) ?? 0
    while place < lines.count {
      let line = lines[place]
      place += 1
      if line.isEmpty || line.hasPrefix(":") { continue }
      let all = variables.merging(["errorlevel": "\(code)"]) { _, new in new }
      switch try execute(try CommandText.expanded(line, arguments, all), path) {
      case .next: break
      case .jump(let label): place = try target(label)
      case .end(let code): return code
      }
    }
    return code
  }

  private func execute(_ line: String, _ script: String) throws -> Flow {
    if let rest = line.after("if ") { return try condition(rest, script) }
    if let rest = line.after("for ") { return try loop(rest, script) }
    if let rest = line.after("goto ") { return .jump(rest) }
    if let rest = line.after("exit /b ") { return .end(Int(rest) ?? 0) }
    if line.contains(" || ") || line.contains(" && ") {
      // The second half is for machines on which the first fails.
      guard let first = line.components(separatedBy: " || ").first, line.hasPrefix("ping ") else {
        throw NotUnderstood(line: line)
      }
      return try execute(first, script)
    }
    if let rest = line.after("call :") {
      let words = CommandText.words(rest)
      code = try run(script, Array(words.dropFirst()), from: words[0])
      return .next
    }
    let (command, output, input) = CommandText.redirections(line)
    code = try perform(command, output, input)
    return .next
  }

  private func condition(_ text: String, _ script: String) throws -> Flow {
    let isNegated = text.hasPrefix("not ")
    let rest = isNegated ? String(text.dropFirst(4)) : text
    let words = CommandText.words(rest)
    var holds: Bool
    var count: Int
    if words[0] == "exist" {
      (holds, count) = (exists(words[1]), 2)
    } else if words[1] == "leq" || words[1] == "gtr" {
      guard let left = Int(words[0]), let right = Int(words[2]) else { throw NotUnderstood(line: text) }
      (holds, count) = (words[1] == "leq" ? left <= right : left > right, 3)
    } else {
      let halves = words[0].components(separatedBy: "==")
      guard halves.count == 2, !halves[0].isEmpty else { throw NotUnderstood(line: text) }
      (holds, count) = (halves[0] == halves[1], 1)
    }
    guard holds != isNegated else { return .next }
    var body = rest[...]
    for word in words.prefix(count) {
      guard let found = body.range(of: word) else { throw NotUnderstood(line: text) }
      body = body[found.upperBound...]
    }
    return try execute(body.trimmingCharacters(in: .whitespaces), script)
  }

  private func loop(_ text: String, _ script: String) throws -> Flow {
    guard let start = text.range(of: " in ("), let end = text.range(of: ") do ") else {
      throw NotUnderstood(line: text)
    }
    let list = String(text[start.upperBound..<end.lowerBound])
    let head = text[..<start.lowerBound].split(separator: " ")
    guard let variable = head.last else { throw NotUnderstood(line: text) }
    var values: [String]
    if head[0] == "/l" {
      values = (0..<(Int(list.split(separator: ",").last ?? "") ?? 0)).map { "\($0)" }
    } else if head[0] == "/f" {
      guard list.hasPrefix("'reg query ") else { throw NotUnderstood(line: text) }
      values = ["0x" + String(runs, radix: 16)]
    } else {
      values = CommandText.words(list).flatMap { $0.contains("*") ? matching($0) : [$0] }
    }
    for value in values {
      let body = text[end.upperBound...].replacing(variable, with: value)
      guard try execute(String(body), script) == .next else { throw NotUnderstood(line: text) }
    }
    return .next
  }

  // MARK: Commands

  private func perform(_ command: String, _ output: (path: String, appends: Bool)?, _ input: String?) throws -> Int {
    let words = CommandText.words(command)
    let paths = words.filter { $0.hasPrefix("\"") }.map { $0.replacing("\"", with: "") }
    var said: String?
    var result = 0
    switch words.first?.lowercased() ?? "" {
    case "@echo", "rem", "setlocal",
      "reg" where words[1] != "add", "mkdir":
      break
    case "reg": runs = words.firstIndex(of: "/d").flatMap { Int(words[$0 + 1]) } ?? runs
    case "ping": seconds += 1
    case "sc": isDisabled = isDisabled || command.contains("start= disabled")
    case "shutdown": restarts += 1
    case "echo": said = String(command.dropFirst(5)) + "\n"
    case "type": said = files[Self.key(paths[0])] ?? ""
    case "set": try set(command, input)
    case "del": for path in matching(paths[0]) { files[Self.key(path)] = nil }
    case "move":
      for path in matching(paths[0]) where !isRefused(paths[1]) {
        // Into a folder under the same name, else to that name.
        let isFolder = ["done", "failed"].contains(Self.name(paths[1]))
        let target = isFolder ? "\(paths[1])\\\(Self.name(path))" : paths[1]
        files[Self.key(target)] = files.removeValue(forKey: Self.key(path))
      }
    case "start":
      if let step = command.components(separatedBy: "run.cmd\" ").dropFirst().first {
        try begin(step.replacing("\"", with: ""))
      } else if command.contains("taskkill /f /t"), let name = begun.last, command.contains("*\\run.cmd*\(name)*") {
        stopped.append(name)
      } else {
        throw NotUnderstood(line: command)
      }
    case "cmd":
      let behaviour = behaviours[name(of: paths[0])]
      guard command.hasPrefix("cmd /d /c call \""), case .ends(let code)? = behaviour else {
        throw NotUnderstood(line: command)
      }
      said = "the words of \(name(of: paths[0]))\n"
      result = code
    default: throw NotUnderstood(line: command)
    }
    if let output, let said, !isRefused(output.path) {
      files[Self.key(output.path)] = (output.appends ? files[Self.key(output.path)] ?? "" : "") + said
    }
    return result
  }

  private func begin(_ step: String) throws {
    begun.append(step)
    attemptsAtBegin.append(matching("\(Self.base)\\attempts\\\(step).*").map(Self.name))
    switch behaviours[step] ?? .ends(0) {
    case .crashes: throw MachineDown()
    case .hangs: break
    case .ends(let code):
      behaviours[step] = .ends(code)
      let (outer, outerCode) = (variables, self.code)
      _ = try run("\(Self.base)\\run.cmd", [step])
      (variables, self.code) = (outer, outerCode)
    }
  }

  private func set(_ command: String, _ input: String?) throws {
    var text = command.dropFirst(4)
    let kind = text.hasPrefix("/") ? String(text.prefix(2)) : ""
    if !kind.isEmpty { text = text.dropFirst(3) }
    let halves = text.replacing("\"", with: "").split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard halves.count == 2 else { throw NotUnderstood(line: command) }
    var (name, value) = (halves[0].lowercased(), String(halves[1]))
    switch kind {
    case "/p":
      guard let line = input.flatMap({ files[Self.key($0)] })?.split(whereSeparator: \.isNewline).first else { return }
      value = String(line)
    case "/a":
      let sign = name.last == "-" ? -1 : 1
      let isRelative = name.last == "+" || name.last == "-"
      if isRelative { name.removeLast() }
      let digits = value.after("0x")
      guard let number = digits.map({ Int($0, radix: 16) }) ?? Int(value) else { throw NotUnderstood(line: command) }
      value = "\((isRelative ? Int(variables[name] ?? "0") ?? 0 : 0) + sign * number)"
    default: break
    }
    variables[name] = value
  }

  // MARK: Files

  private static func key(_ path: String) -> String { path.replacing("\"", with: "").lowercased() }

  private static func name(_ path: String) -> String { path.split(separator: "\\").last.map(String.init) ?? path }

  private func name(of path: String) -> String { Self.name(path).replacing(".cmd", with: "") }

  private func isRefused(_ path: String) -> Bool { refusing.map { Self.key(path).contains($0) } ?? false }

  private func exists(_ path: String) -> Bool {
    let key = Self.key(path)
    return files[key] != nil || files.keys.contains { $0.hasPrefix(key + "\\") }
  }

  private func matching(_ pattern: String) -> [String] {
    let key = Self.key(pattern)
    guard let star = key.firstIndex(of: "*") else { return files[key] == nil ? [] : [key] }
    let (start, end) = (key[..<star], key[key.index(after: star)...])
    return files.keys.filter { path in
      path.hasPrefix(start) && path.hasSuffix(end) && !path.dropFirst(start.count).contains("\\")
    }.sorted()
  }
}
