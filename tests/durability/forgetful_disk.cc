#include "tests/durability/forgetful_disk.h"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <utility>

#include "core/base/check.h"
#include "core/base/file.h"

namespace urna::testing {
namespace {

std::atomic<ForgetfulDisk*> the_disk{nullptr};
thread_local bool passing_through = false;  // what the disk itself does is not noted

class PassThrough {
 public:
  PassThrough() : before_(passing_through) { passing_through = true; }
  ~PassThrough() { passing_through = before_; }

 private:
  bool before_;
};

std::string Clean(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

std::string FolderOf(const std::string& path) { return path.substr(0, path.find_last_of('/')); }

}  // namespace

struct ForgetfulDisk::File {
  std::string path;  // where its bytes are; empty once it is removed
  Bytes synced;      // what the disk has of it
  Bytes at_removal;  // its bytes when it was removed
  // What a failed sync was to bring to the disk, which no later one will.
  size_t lost_from = 0;
  size_t lost_to = 0;
};

ForgetfulDisk::ForgetfulDisk(std::string root) : root_(Clean(root)) {
  const PassThrough pass;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
    if (!entry.is_regular_file()) continue;
    auto file = std::make_shared<File>();
    file->path = entry.path().string();
    file->synced = Contents(*file);
    now_[file->path] = file;
  }
  synced_ = now_;
  URNA_CHECK(the_disk.exchange(this) == nullptr, "one forgetful disk at a time");
}

ForgetfulDisk::~ForgetfulDisk() { the_disk = nullptr; }

ForgetfulDisk* ForgetfulDisk::Current() { return passing_through ? nullptr : the_disk.load(); }

bool ForgetfulDisk::Covers(const std::string& path) const {
  return path.size() > root_.size() && path.compare(0, root_.size(), root_) == 0 &&
         path[root_.size()] == '/';
}

Bytes ForgetfulDisk::Contents(const File& file) const {
  const PassThrough pass;
  if (file.path.empty()) return file.at_removal;
  auto bytes = ReadFile(file.path, size_t{1} << 30);
  return bytes.ok() ? *std::move(bytes) : Bytes{};
}

void ForgetfulDisk::Before() {
  if (!hook_ || in_hook_) return;
  const PassThrough pass;
  in_hook_ = true;
  hook_();
  in_hook_ = false;
}

void ForgetfulDisk::BeforeEach(std::function<void()> hook) {
  std::lock_guard lock(mutex_);
  hook_ = std::move(hook);
}

void ForgetfulDisk::FaultAt(Step step, Fault fault) {
  std::lock_guard lock(mutex_);
  faults_.emplace_back(std::move(step), fault);
}

size_t ForgetfulDisk::Faulted() const {
  std::lock_guard lock(mutex_);
  return faulted_;
}

std::map<std::string, size_t> ForgetfulDisk::Steps() const {
  std::lock_guard lock(mutex_);
  return steps_;
}

ForgetfulDisk::Fate ForgetfulDisk::FateOf(const std::string& kind) {
  const size_t nth = steps_[kind]++;
  for (const auto& [step, fault] : faults_) {
    if (step.kind != kind || step.nth != nth) continue;
    ++faulted_;
    return fault;
  }
  return std::nullopt;
}

void ForgetfulDisk::Apply(const Change& change, Names& names) {
  for (const auto& [path, file] : change.names) {
    if (file == nullptr) {
      names.erase(path);
    } else {
      names[path] = file;
    }
  }
}

void ForgetfulDisk::Made(const std::string& path) {
  if (!Covers(path)) return;  // it has moved meanwhile
  auto file = std::make_shared<File>();
  file->path = path;
  unsynced_.push_back({FolderOf(path), {{path, file}}});
  Apply(unsynced_.back(), now_);
}

void ForgetfulDisk::Opened(int fd, const std::string& path) {
  Closed(fd);
  if (!Covers(path)) return;
  const auto found = now_.find(path);
  if (found != now_.end()) {
    open_files_[fd] = found->second;
    return;
  }
  struct stat info {};
  if (::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode)) open_[fd] = path;
}

void ForgetfulDisk::Closed(int fd) {
  open_.erase(fd);
  open_files_.erase(fd);
}

ForgetfulDisk::Fate ForgetfulDisk::Write(int fd) {
  const auto file = open_files_.find(fd);
  if (file == open_files_.end()) return std::nullopt;
  return FateOf("write " + Kind(file->second->path));
}

// To be asked before it happens, while the bytes of what is replaced can still be read.
ForgetfulDisk::Fate ForgetfulDisk::Rename(const std::string& from, const std::string& to) {
  const Fate fate = FateOf("rename " + Kind(to));
  const auto found = now_.find(from);
  if (fate.has_value() || found == now_.end()) return fate;
  const FilePtr file = found->second;
  if (const auto replaced = now_.find(to); replaced != now_.end()) {
    replaced->second->at_removal = Contents(*replaced->second);
    replaced->second->path.clear();
  }
  file->path = to;
  unsynced_.push_back({FolderOf(to), {{from, nullptr}, {to, file}}});
  Apply(unsynced_.back(), now_);
  return fate;
}

void ForgetfulDisk::Removed(const std::string& path) {
  const auto found = now_.find(path);
  if (found == now_.end()) return;
  found->second->at_removal = Contents(*found->second);
  found->second->path.clear();
  unsynced_.push_back({FolderOf(path), {{path, nullptr}}});
  Apply(unsynced_.back(), now_);
}

// "ledger/*.log" for a file, "ledger/" for a directory.
std::string ForgetfulDisk::Kind(const std::string& path) const {
  std::string below = path.substr(std::min(path.size(), root_.size() + 1));
  const size_t slash = below.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "" : below.substr(0, slash + 1);
  std::string name = below.substr(folder.size());
  if (const size_t temporary = name.find(".tmp-"); temporary != std::string::npos) {
    return folder + "*.tmp";
  }
  if (name.compare(0, 7, "OPTIONS") == 0) return folder + "OPTIONS";
  if (const size_t dot = name.find_last_of('.'); dot != std::string::npos) {
    return folder + "*" + name.substr(dot);
  }
  return folder + name.substr(0, name.find('-'));  // MANIFEST-000001
}

void ForgetfulDisk::SyncFile(File& file, Fate fate) const {
  Bytes bytes = Contents(file);
  if (fate == Fault::kFails) {
    file.lost_from = std::min(file.synced.size(), bytes.size());
    file.lost_to = bytes.size();
  }
  if (fate.has_value()) return;
  for (size_t i = file.lost_from; i < std::min(file.lost_to, bytes.size()); ++i) bytes[i] = 0;
  file.synced = std::move(bytes);
}

void ForgetfulDisk::SyncDirectory(const std::string& path) {
  std::vector<Change> others;
  for (Change& change : unsynced_) {
    if (change.directory == path) {
      Apply(change, synced_);
    } else {
      others.push_back(std::move(change));
    }
  }
  unsynced_ = std::move(others);
}

ForgetfulDisk::Fate ForgetfulDisk::Sync(int fd) {
  if (const auto file = open_files_.find(fd); file != open_files_.end()) {
    const Fate fate = FateOf("sync " + Kind(file->second->path));
    SyncFile(*file->second, fate);
    return fate;
  }
  const auto directory = open_.find(fd);
  if (directory == open_.end()) return std::nullopt;
  const Fate fate = FateOf("sync " + Kind(directory->second) + "/");
  if (!fate.has_value()) SyncDirectory(directory->second);
  return fate;
}

Bytes ForgetfulDisk::Left(const File& file, Remains remains, std::mt19937_64& random) const {
  Bytes left = file.synced;
  if (remains == Remains::kNothing || remains == Remains::kNames) return left;
  Bytes bytes = Contents(file);
  for (size_t i = file.lost_from; i < std::min(file.lost_to, bytes.size()); ++i) bytes[i] = 0;
  if (bytes.size() <= left.size()) return left;
  const size_t more = bytes.size() - left.size();
  if (remains == Remains::kTorn) {
    left.insert(left.end(), bytes.begin() + static_cast<std::ptrdiff_t>(left.size()),
                bytes.begin() + static_cast<std::ptrdiff_t>(left.size() + random() % (more + 1)));
  } else {
    const bool noise = random() % 2 == 0;
    for (size_t i = 0; i < more; ++i) left.push_back(noise ? static_cast<uint8_t>(random()) : 0);
  }
  return left;
}

void ForgetfulDisk::Leave(const std::string& to, Remains remains, std::mt19937_64& random) const {
  const PassThrough pass;
  std::lock_guard lock(mutex_);
  Names names = synced_;
  std::map<std::string, size_t> kept;  // of each directory's changes
  for (const Change& change : unsynced_) ++kept[change.directory];
  for (auto& [directory, count] : kept) {
    if (remains == Remains::kNothing) count = 0;
    if (remains == Remains::kTorn) count = random() % (count + 1);
  }
  for (const Change& change : unsynced_) {
    size_t& left = kept[change.directory];
    if (left == 0) continue;
    --left;
    Apply(change, names);
  }
  std::filesystem::remove_all(to);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
    if (!entry.is_directory()) continue;
    std::filesystem::create_directories(to + entry.path().string().substr(root_.size()));
  }
  for (const auto& [path, file] : names) {
    const Bytes bytes = Left(*file, remains, random);
    const std::string place = to + path.substr(root_.size());
    std::ofstream(place, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    ::chmod(place.c_str(), 0600);
  }
}

void ForgetfulDisk::MoveTo(const std::string& to) {
  const PassThrough pass;
  std::lock_guard lock(mutex_);
  std::filesystem::remove_all(to);
  std::filesystem::copy(root_, to, std::filesystem::copy_options::recursive);
  const std::string from = root_;
  root_ = Clean(to);
  const auto moved = [&](const std::string& path) {
    return path.empty() ? path : root_ + path.substr(from.size());
  };
  std::map<const File*, FilePtr> copies;
  const auto copy = [&](const FilePtr& file) -> FilePtr {
    if (file == nullptr) return nullptr;
    FilePtr& made = copies[file.get()];
    if (made == nullptr) {
      made = std::make_shared<File>(*file);
      made->path = moved(file->path);
    }
    return made;
  };
  const auto rename_all = [&](Names& names) {
    Names renamed;
    for (const auto& [path, file] : names) renamed[moved(path)] = copy(file);
    names = std::move(renamed);
  };
  rename_all(now_);
  rename_all(synced_);
  for (Change& change : unsynced_) {
    change.directory = moved(change.directory);
    for (auto& [path, file] : change.names) {
      path = moved(path);
      file = copy(file);
    }
  }
  open_.clear();
  open_files_.clear();
}

}  // namespace urna::testing
