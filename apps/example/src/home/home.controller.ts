import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Controller, Get, Header, StreamableFile } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

const FOLDER = fileURLToPath(new URL('../../public/', import.meta.url));
const WIDGETS = fileURLToPath(import.meta.resolve('nestjs-gamification-widgets'));

/** The shop's page: what it needs is this folder's three files, and the widgets, which come as one. */
@ApiExcludeController()
@Controller()
export class HomeController {
  @Get()
  @Header('Content-Security-Policy', "default-src 'self'; img-src 'self' data:")
  page(): StreamableFile {
    return file(join(FOLDER, 'index.html'), 'text/html; charset=utf-8');
  }

  @Get('home.js')
  script(): StreamableFile {
    return file(join(FOLDER, 'home.js'), 'text/javascript; charset=utf-8');
  }

  @Get('home.css')
  style(): StreamableFile {
    return file(join(FOLDER, 'home.css'), 'text/css; charset=utf-8');
  }

  @Get('widgets.js')
  widgets(): StreamableFile {
    return file(WIDGETS, 'text/javascript; charset=utf-8');
  }
}

function file(path: string, type: string): StreamableFile {
  return new StreamableFile(createReadStream(path), { type });
}
